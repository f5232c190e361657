// Package durable is the only room of the project that may change a user's
// file.
//
// It offers four things:
//
//   - [Begin] opens a [Session] that replaces a log while other processes go on
//     appending to it, and loses none of what they append; [Replace] is the
//     short form for content that comes from elsewhere;
//   - [OpenAppender] appends whole lines durably and says which are safe;
//   - [WriteFile] replaces an ordinary output file in one step;
//   - [Leftovers] and [Interrupted] tell what killed runs left.
//
// # How a log is replaced
//
// The producers open the log in append mode, write one line, close it, and take
// no lock. A rewrite by "read, write a temporary file, rename" loses what is
// appended in between. So, for a log NAME with the inode OLD:
//
//	1  flock OLD through a read-only descriptor; finish or undo a killed run
//	2  write the result to .NAME.papyra-new (inode NEW); copy mode, owner, ACL and
//	   extended attributes; bring over what was appended meanwhile; fsync
//	3  write the journal .NAME.papyra-journal; fsync it and the directory
//	4  look for hard links and for mounts of the file itself; bring over, into the
//	   page cache only, what was appended during these fsyncs
//	5  lease NEW (F_WRLCK): whoever opens the log from now on waits
//	6  exchange both names (renameat2): OLD keeps a name, a crash cannot take it
//	7  wait until nobody has OLD open for writing (F_RDLCK succeeds and stays); see
//	   that it was not cut and has no more names; copy what was appended since; let
//	   NEW go
//	8  fsync journal, NEW and directory
//	9  linger for writers that were between their path look-up and their open;
//	   copy what they appended; look for links and mounts again; give an archive
//	   its name; remove OLD's name, then the journal; fsync
//
// If somebody keeps OLD open longer than the stall budget, or reaches it by
// another way than its name, the names are exchanged back, what was appended to
// NEW is copied to OLD, and the error names process and descriptor
// ([WriterHoldsLogError]) or mount.
//
// Writers wait from 5 to 7 only, and no fsync is waited for in that time:
// however slow the disk, the stall budget bounds it. Before and after every
// exchange, in either direction, both names are compared with the inodes that
// they should be of: somebody may rotate the log at any moment, and a file of
// somebody else gets its name back.
//
// # The journal
//
// A sequence of records, each padded to a multiple of 512 bytes (one sector):
//
//	bytes 0-7    "PAPYRAJ2"
//	bytes 8-11   length of the payload, little endian
//	bytes 12-15  CRC-32C of the payload
//	then         the payload, a JSON object; the rest of the sector is NUL
//
// A base record says which inodes take part, up to which offset of OLD the new
// file holds everything, how long the new file was then, and which evidence was
// written; the last one counts. Until one says ready, the names have not been
// exchanged.
//
// Further records say where one piece of late bytes belongs. A piece is copied
// in an order that can be repeated without harm: room for it is announced, and
// appended to the target as NULs (in one write, so that foreign appends stay
// whole on either side), the place is recorded, and only then are the bytes put
// there; room that recovery finds and a piece does not fill becomes blank lines,
// of which the record tells, too. Recovery puts the bytes of every recorded piece in place again, and
// looks for the room that was announced last. NULs that nobody announced are
// somebody else's. A place is trusted only as far as its bytes fit there: after
// a power loss the room may be gone and others may have appended in its stead;
// the rest then goes to the end, with a record that supersedes the first.
// Reading stops at the first record that is not whole.
//
// The records of the pieces that are copied while writers wait are not fsynced.
// A kill leaves them in the page cache. After a power loss (the base names the
// life of the page cache, FS.Life) they may be missing although their bytes are
// there: then whole lines that stand where the base ends, and are the next ones
// of OLD, are those pieces.
//
// A piece that no longer fits its place, since others appended there after a
// power loss or a block holds junk, is uprooted: what stands of it and of all
// later ones is taken away, durably, and then carried anew.
//
// A piece goes behind a whole line only. The half line of a writer that is
// still there is waited for; if it takes longer than the stall budget, the rest
// is left to the next run.
//
// # What shows it
//
// Package simfs enumerates what a power loss or a kill may leave at every
// operation; the tests here recover each such state, and each state that a
// crash during that recovery leaves, and compare with what was promised. They
// also fail every operation, let writers act at every schedule, let others
// rotate, cut, link and rename, and plant mistakes that must be caught.
// PAPYRA_TORTURE=1 runs the long versions.
//
// # What is not guaranteed
//
//   - A process on another machine (NFS, SMB, FUSE) cannot be held by a lease.
//     There, and in directories that this machine exports over NFS, the rewrite
//     is refused unless the operator says Offline or AllowRace. Clients of
//     virtiofs, 9p or a FUSE file system that another program serves from here
//     cannot be seen.
//   - A file that is mounted by itself in a mount namespace that this user may
//     not look into is noticed only if it is appended to during the linger.
//   - Who opens the log with O_NONBLOCK, to write or to read, gets EAGAIN
//     during the few milliseconds of a swap, and who is interrupted by a signal
//     handler that was installed without SA_RESTART gets EINTR. When they are
//     over, the times of the new file are set, so that a reader that watches
//     its name (tail -F) looks again.
//   - A record that was appended to OLD during the linger comes after what its
//     writer appended to NEW since.
//   - If this process stands still during the swap for longer than the kernel
//     lets a lease last (45 s), nothing is lost, but records of one writer may
//     have changed places. The report says [Raced] then.
//   - After a rewrite that was refused because of a stubborn writer, records of
//     one other writer may have changed places; none is lost.
//   - If the power goes within the fsync after a swap, and somebody appended to
//     NEW and fsynced in that moment a line that is the same, byte for byte, as
//     the next one of OLD, one of the two may be taken for the other.
//   - File flags that are neither mode, owner, ACL nor extended attribute
//     (chattr) are not copied.
package durable
