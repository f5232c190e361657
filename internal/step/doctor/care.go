package doctor

import (
	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/repair"
	"github.com/papyra-tools/papyra/internal/step/scan"
)

// Care is how a log is looked after: what a record is, what is done about
// anomalies, and what stays. Embed it.
type Care struct {
	cli.Checking
	cli.Retention
	cli.Rewriting

	Mode          string `enum:"ignore,scan_only,fail_on_anomaly,recover" default:"fail_on_anomaly" setting:"mode" placeholder:"MODE" help:"What to do about anomalies: ${enum}." group:"action"`
	RecoveryMode  string `enum:"repair,quarantine" default:"repair" setting:"recovery_mode" placeholder:"MODE" help:"How --mode recover works: rewrite the log (repair), or keep the whole damaged original too (quarantine)." group:"action"`
	QuarantineDir string `setting:"quarantine_dir" file:"dir" placeholder:"DIR" help:"Where --recovery-mode quarantine keeps originals; created with mode 0700." group:"action"`
	Strict        bool   `setting:"strict" help:"Count warnings as anomalies too." group:"checking"`
	MaxFiles      int    `setting:"max_files" placeholder:"N" help:"How many files the producer's rotation keeps; with --rotated, higher numbers are orphans." group:"checking"`
}

// The modes.
const (
	Ignore        = "ignore"
	ScanOnly      = "scan_only"
	FailOnAnomaly = "fail_on_anomaly"
	Recover       = "recover"
)

// Check refuses what does not go together, before anything is touched.
func (c *Care) Check() error {
	if c.Mode == Recover && c.RecoveryMode == "quarantine" && c.QuarantineDir == "" {
		return cli.Usagef("--recovery-mode quarantine requires --quarantine-dir DIR")
	}
	return nil
}

// Scanner is the step that looks at a log.
func (c *Care) Scanner(in cli.Inputs, out cli.Output) *scan.Command {
	return &scan.Command{TreeInputs: cli.TreeInputs{Inputs: in}, Output: out, Checking: c.Checking, Strict: c.Strict, MaxFiles: c.MaxFiles}
}

// Repairer is the step that recovers a log.
func (c *Care) Repairer(in cli.Inputs, out cli.Output) *repair.Command {
	return &repair.Command{TreeInputs: cli.TreeInputs{Inputs: in}, Output: out, Checking: c.Checking, Rewriting: c.Rewriting, Mode: c.RecoveryMode,
		QuarantineDir: c.QuarantineDir, Force: c.Force}
}
