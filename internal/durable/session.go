package durable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Guarantee says what kept concurrent appends safe while a log was replaced.
type Guarantee string

// The guarantees. The empty string means that nothing was rewritten.
const (
	Exclusive Guarantee = "exclusive" // leases held back every writer: no record can be lost
	Offline   Guarantee = "offline"   // the operator said that nobody writes
	Raced     Guarantee = "raced"     // late appends were looked for, without proof that all were found
)

// Defaults and limits of [Options].
const (
	DefaultStallBudget = 2 * time.Second
	MaxStallBudget     = 20 * time.Second // the kernel breaks a lease after 45 s
	DefaultLinger      = time.Second
)

// Options say how a log may be replaced. The zero value is the safe default.
type Options struct {
	FS            FS               // nil: the operating system
	Offline       bool             // the operator says that nobody writes: no lease
	AllowRace     bool             // go on without a lease, look for late appends for Linger
	StallBudget   time.Duration    // how long writers may be held up; 0: 2 s, at most 20 s
	Linger        time.Duration    // how long to look for late appends; 0: 1 s
	Wait          time.Duration    // how long to wait for another maintenance run; 0: not at all
	BreakLinks    bool             // replace a log that has other hard links (they keep the old content)
	Within        string           // if not empty, a folder out of which no symbolic link may lead
	QuarantineDir string           // if not empty, keep the whole original as DIR/NAME.quarantine.<unix-ms>
	Now           func() time.Time // names the quarantined file; nil: FS.Now

	placed bool // the path is that of a Place: no link in it is followed
}

func (o Options) fs() FS {
	if o.FS == nil {
		return OS()
	}
	return o.FS
}

func (o Options) budget() time.Duration {
	if o.StallBudget <= 0 {
		return DefaultStallBudget
	}
	return min(o.StallBudget, MaxStallBudget)
}

func (o Options) linger() time.Duration {
	if o.Linger <= 0 {
		return DefaultLinger
	}
	return o.Linger
}

func (o Options) guarantee() Guarantee {
	switch {
	case o.Offline:
		return Offline
	case o.AllowRace:
		return Raced
	}
	return Exclusive
}

// Session is one locked log that may be replaced once. It is not safe for
// concurrent use, except File and ReadAt.
type Session struct {
	ctx       context.Context // of Begin: ends the reading and writing pass
	fs        FS
	opt       Options
	path      string // resolved
	log       File   // the old inode, read-only, locked
	info      Info   // of the log at Begin
	out       *Output
	journal   *journal
	mark      mark // of the log at Begin
	keep      *quarantine
	account   *Account
	unseen    int // processes whose mounts cannot be seen
	recovered []Recovery
	through   func(late io.Reader, w io.Writer) error
	swapped   bool // the exchange was done: Close must not remove anything
	closed    bool
	logClosed bool // where an open file cannot be replaced
}

// Begin locks the log at path (a symbolic link is followed to its target),
// finishes or undoes what a killed run left, and checks that the log may be
// replaced at all. The error is a [LockedError] if another maintenance run
// holds the log, a [RefusedError] if it must not be replaced, or wraps
// fs.ErrNotExist.
//
// The session must be closed. Nothing is changed before [Session.Commit],
// except for what recovery of a killed run had to finish.
func Begin(ctx context.Context, path string, o Options) (*Session, error) {
	fsys := o.fs()
	target, err := path, error(nil)
	if !o.placed {
		target, err = fsys.Resolve(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	if target, err = filepath.Abs(target); err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	if err := o.within(path, target); err != nil {
		return nil, err
	}
	log, info, err := lockLog(ctx, fsys, target, o.Wait)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	s := &Session{ctx: ctx, fs: fsys, opt: o, path: target, log: log, info: info}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// within refuses a log that is not where it was found: a link to it may have
// been planted since.
func (o Options) within(path, target string) error {
	if o.Within == "" {
		return nil
	}
	dir, err := o.fs().Resolve(o.Within)
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	if rel, err := filepath.Rel(dir, target); err != nil || !filepath.IsLocal(rel) {
		return &RefusedError{Path: path, Reason: "a symbolic link leads out of " + o.Within}
	}
	return nil
}

func (s *Session) prepare(ctx context.Context) error {
	if err := s.recover(ctx); err != nil {
		return err
	}
	info, err := s.log.Stat()
	if err != nil {
		return err
	}
	s.info = info
	if s.mark, err = markAt(s.log, info.Size); err != nil {
		return err
	}
	if err := s.checkLinks(s.log); err != nil {
		return err
	}
	if err := s.checkMounts(s.path); err != nil {
		return err
	}
	if s.opt.guarantee() == Exclusive {
		return s.mayLease()
	}
	return nil
}

// mayLease refuses early what could not be held later.
func (s *Session) mayLease() error {
	if err := s.fs.KeepsLeases(filepath.Dir(s.path)); err != nil {
		return refuseLease(s.path, err)
	}
	err := s.log.SetLease(ReadLease)
	if errors.Is(err, ErrBusy) {
		return nil // a writer has it open now: leases work
	}
	if err == nil {
		_, err = s.log.Unlease()
	}
	if err != nil {
		return refuseLease(s.path, err)
	}
	return nil
}

// Held reports whether somebody has the log open for writing at this moment,
// who may then be in the middle of a line. What a reader saw before a false
// answer is final as to those who had the log open then. Without leases
// (Offline, AllowRace) nobody can tell: the answer is false.
func (s *Session) Held() (bool, error) {
	if s.opt.guarantee() != Exclusive {
		return false, nil
	}
	err := s.log.SetLease(ReadLease)
	if errors.Is(err, ErrBusy) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	_, err = s.log.Unlease()
	return false, err
}

// Path returns the path of the log with symbolic links resolved.
func (s *Session) Path() string { return s.path }

// Size returns the bytes of the log at Begin: the bound of a reading pass.
func (s *Session) Size() int64 { return s.info.Size }

// Info returns what was known of the log at Begin.
func (s *Session) Info() Info { return s.info }

// ReadAt reads the log; it goes on working while and after the log is replaced.
func (s *Session) ReadAt(p []byte, off int64) (int, error) { return s.log.ReadAt(p, off) }

// Log returns the log from its start to Size.
func (s *Session) Log() *io.SectionReader { return io.NewSectionReader(s.log, 0, s.info.Size) }

// File returns the log as a file of the operating system, opened read-only, or
// nil on a simulated file system. It belongs to the session: do not close it.
func (s *Session) File() *os.File {
	if f, ok := s.log.(*osFile); ok {
		return f.File
	}
	return nil
}

// Recovered tells what of earlier killed runs was finished or undone by Begin.
func (s *Session) Recovered() []Recovery { return s.recovered }

// Through has what others append until the new file takes the log's place pass
// through f on its way there: whole lines, each once. What comes too late for
// that has the names exchanged back, and Commit fails with [ErrLate]: the log
// is as it was. If the session has an account, which would not have it, all
// that is appended comes too late.
//
// If the run is killed in the moment of the exchange, the next one that
// finishes it brings such lines over as they are.
func (s *Session) Through(f func(late io.Reader, w io.Writer) error) { s.through = f }

// Close lets the lock go. If the session was not committed, the temporary file
// is removed and the log is as it was. A second Close does nothing.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	if !s.swapped {
		errs = append(errs, s.discard())
	} else {
		errs = append(errs, s.out.close())
	}
	if s.journal != nil {
		errs = append(errs, s.journal.close())
	}
	if s.account != nil {
		errs = append(errs, s.account.close())
	}
	if !s.logClosed { // closing the descriptor drops the lock
		errs = append(errs, s.log.Close())
	}
	return errors.Join(errs...)
}

// syncDir fsyncs the log's directory.
func (s *Session) syncDir() error {
	if err := s.fs.SyncDir(s.dir()); err != nil {
		return fmt.Errorf("fsync directory %s: %w", s.dir(), err)
	}
	return nil
}
