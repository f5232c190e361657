// Package durable is the only room of the project that may change a user's file.
//
// It offers three things:
//
//   - [Begin] opens a [Session] that replaces a log while other processes go on
//     appending to it, and loses none of what they append;
//   - [OpenAppender] appends whole lines durably and says which are safe;
//   - [WriteFile] replaces an ordinary output file in one step.
//
// # How a log is replaced
//
// The producers open the log in append mode, write one line, close it, and take
// no lock. A rewrite by "read, write a temporary file, rename" loses what is
// appended in between. So, for a log NAME with the inode OLD:
//
//	1  flock OLD through a read-only descriptor; finish or undo a killed run
//	2  write the result to .NAME.papyra-new (inode NEW); copy mode, owner, ACL and
//	   extended attributes; fsync
//	3  write the journal .NAME.papyra-journal; fsync it and the directory
//	4  lease NEW (F_WRLCK): whoever opens the log from now on waits
//	5  exchange both names (renameat2): OLD keeps a name, a crash cannot take it
//	6  wait until nobody has OLD open for writing (F_RDLCK succeeds and stays);
//	   copy what was appended since; fsync file and directory; let NEW go
//	7  linger for writers that were between their path look-up and their open;
//	   copy what they appended; remove OLD's name, then the journal; fsync
//
// If somebody keeps OLD open longer than the stall budget, the names are
// exchanged back, what was appended to NEW is copied to OLD, and the error names
// process and descriptor ([WriterHoldsLogError]).
//
// # The journal
//
// A sequence of records, each padded to a multiple of 512 bytes (one sector):
//
//	bytes 0-7    "PAPYRAJ1"
//	bytes 8-11   length of the payload, little endian
//	bytes 12-15  CRC-32C of the payload
//	then         the payload, a JSON object; the rest of the sector is NUL
//
// The first record says which inodes take part, up to which offset of OLD the
// new file holds everything, and how long the new file was then. Each further
// record says where one piece of late bytes belongs. A piece is copied in an order
// that can be repeated without harm: room for it is appended to the target as NULs
// (in one write, so that foreign appends stay whole on either side), the place is
// recorded and fsynced, and only then are the bytes put there. Recovery puts the
// bytes of every recorded piece in place again, and takes a run of NULs after the
// last of them as room whose record was not written. A place is trusted only as far as its
// bytes fit there: after a power loss the room may be gone and others may have appended in its
// stead; the rest then goes to the end, with a record that supersedes the first. Reading
// stops at the first record that is not whole.
//
// # What shows it
//
// Package simfs enumerates what a power loss or a kill may leave at every operation; the tests here
// recover each such state, and each state that a crash during that recovery leaves, and
// compare with what was promised. They also fail every operation, let writers act at every
// schedule, and plant mistakes that must be caught. PAPYRA_TORTURE=1 runs the long versions.
//
// # What is not guaranteed
//
//   - A process on another machine (NFS, SMB, FUSE) cannot be held by a lease. There the
//     rewrite is refused unless the operator says Offline or AllowRace.
//   - Who opens the log with O_NONBLOCK, to write or to read, gets EAGAIN during the few milliseconds of a swap. When
//     they are over, the times of the new file are set, so that a reader that watches its name (tail -F) looks again.
//   - A record that was appended to OLD during the linger comes after what its writer appended to NEW since.
//   - After a rewrite that was refused because of a stubborn writer, records of one
//     other writer may have changed places; none is lost.
//   - File flags that are neither mode, owner, ACL nor extended attribute (chattr) are not copied.
package durable
