package cli

import "strings"

// Step is one command of the toolkit: what it is called, what it is for, and
// its flags. Everything that lists commands (the mains, the dispatcher, man
// pages, completions, the schema of the settings) takes them from steps, so a
// new step is a room with a Step, a main that runs it, and a row in the
// registry of the dispatcher.
type Step struct {
	Binary      string   // the program of its own, papyra-scan; "" if there is none
	Words       string   // what it is called below the dispatcher: persistence scan
	Aliases     []string // other names for the last word
	Description string   // what it does, in one line
	New         func() any
}

// Name returns the last of the words: scan.
func (s Step) Name() string { return s.Words[strings.LastIndexByte(s.Words, ' ')+1:] }

// Main runs the step as the process; see Main.
func (s Step) Main() int { return Main(s.Binary, s.Description, s.New()) }
