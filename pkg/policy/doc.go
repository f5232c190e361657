// Package policy decides which records of a log stay: by age, then by count,
// then by size, always dropping the oldest ones.
//
// It is pure: it reads no clock and no file, and it holds no records. What a
// record is to it stands in [Record]; the clock is handed in with [Policy.At].
//
// Age is a question to one record alone ([Rule.Survives]). Count and size are
// questions to how much is newer ([Rule.Reached]): among the records that
// survive the age limit, those that stay are an unbroken run at the end. A
// limit by count of one kind is the same question among the records of its
// group ([Rule.Groups]), and is asked before. So three ways of reading a log
// come to the same result:
//
//   - forward, twice: the first pass sums up the survivors, the second one
//     takes each of them off that sum;
//   - backward, once: [Backward] says when no older record can stay;
//   - forward, once, as from a pipe: a survivor that was kept until now goes as
//     soon as Rule.Reached says so for what has come since. It never comes
//     back.
package policy
