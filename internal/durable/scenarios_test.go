package durable_test

import "github.com/papyra-tools/papyra/internal/durable"

// scenarios are the ways a rewrite can go, each with writers that act at the
// worst moments.
func scenarios() []scenario {
	none := func() []*actor { return nil }
	early := record("early", 500)
	late, later := record("late", 700), record("later", 100)
	first, second := record("first", 300), record("second", 600)
	return []scenario{
		{name: "alone", actors: none},
		{name: "offline", actors: none, set: func(o *durable.Options) { o.Offline = true }, noLease: durable.ErrNoLease},
		{name: "raced", actors: none, set: func(o *durable.Options) { o.AllowRace = true }, noLease: durable.ErrNoLease},
		{name: "offline, no exchange", actors: none, set: func(o *durable.Options) { o.Offline = true }, noSwap: true, noLease: durable.ErrNoLease},
		{name: "raced, no exchange", actors: none, set: func(o *durable.Options) { o.AllowRace = true }, noSwap: true, noLease: durable.ErrNoLease},
		{name: "quarantine, no exchange", actors: none, set: func(o *durable.Options) { o.Offline = true }, noSwap: true, keep: evil},
		{name: "quarantine", actors: none, keep: evil},
		{name: "quarantine elsewhere", actors: none, keep: farAway},
		{name: "append before the exchange", order: []string{early, late}, actors: func() []*actor {
			return []*actor{
				{lines: []string{early}, when: [4]string{"CopyMeta#0"}, sync: true},
				{lines: []string{late}, when: [4]string{"Exchange#0"}},
			}
		}},
		{name: "open across the exchange", order: []string{first, second}, actors: func() []*actor {
			return []*actor{
				{lines: []string{first, second}, when: [4]string{"Exchange#0", "", "Sleep#2", "Sleep#3"}, sync: true},
			}
		}},
		{name: "looked up before, opened after", actors: func() []*actor {
			return []*actor{
				{lines: []string{late}, when: [4]string{"Exchange#0", "Sleep#5"}, sync: true},
				{lines: []string{early}, when: [4]string{"Sleep#0"}},
			}
		}},
		{name: "late and later", actors: func() []*actor {
			return []*actor{
				{lines: []string{late}, when: [4]string{"Exchange#0", "Sleep#6"}, sync: true},
				{lines: []string{later}, when: [4]string{"Exchange#0", "Sleep#7"}},
				{lines: []string{first}, when: [4]string{"Sleep#6"}},
				{lines: []string{second}, when: [4]string{"Reserve#0"}, sync: true},
			}
		}},
		{name: "lease broken by the kernel", actors: func() []*actor {
			return []*actor{
				{lines: []string{late}, when: [4]string{"Exchange#0", "Sleep#3"}, sync: true},
				{lines: []string{first}, when: [4]string{"Sleep#1"}, sync: true, force: true},
				{lines: []string{second}, when: [4]string{"Reserve#0"}, force: true},
			}
		}},
		{name: "lease broken, and taken back", fails: true, actors: func() []*actor {
			return []*actor{
				{lines: []string{late}, when: [4]string{"CopyMeta#0", "", "Sleep#2", "never"}, sync: true},
				{lines: []string{first}, when: [4]string{"Sleep#1"}, sync: true, force: true},
				{lines: []string{second}, when: [4]string{"Sleep#3"}},
			}
		}},
		{name: "brought over, and taken back", fails: true, actors: func() []*actor {
			return []*actor{
				{lines: []string{first}, when: [4]string{"CopyMeta#0", "", "Sleep#1", "never"}, sync: true},
				{lines: []string{early}, when: [4]string{"Mounts#1"}, sync: true}, // is in the new file before the exchange
				{lines: []string{second}, when: [4]string{"Sleep#0"}, sync: true},
				{lines: []string{late}, when: [4]string{"Sleep#2"}},
			}
		}},
		{name: "keeps it open", fails: true, actors: func() []*actor {
			return []*actor{
				{lines: []string{first}, when: [4]string{"CopyMeta#0", "", "Sleep#1", "never"}, sync: true},
				{lines: []string{second}, when: [4]string{"Sleep#0"}, sync: true}, // has to wait, gets the new file
				{lines: []string{late}, when: [4]string{"Sleep#2"}},
			}
		}},
	}
}
