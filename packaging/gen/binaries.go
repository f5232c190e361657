package main

import (
	"github.com/papyra-tools/papyra/internal/dispatch"
	"github.com/papyra-tools/papyra/internal/step/appender"
	"github.com/papyra-tools/papyra/internal/step/compact"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/inspect"
	"github.com/papyra-tools/papyra/internal/step/repair"
	"github.com/papyra-tools/papyra/internal/step/scan"
)

// binary is a program of cmd/.
type binary struct {
	name, description string
	command           any
}

// binaries are all of them.
var binaries = []binary{
	{"papyra", dispatch.Description, &dispatch.Command{}},
	{"papyra-scan", scan.Description, &scan.Command{}},
	{"papyra-repair", repair.Description, &repair.Command{}},
	{"papyra-filter", filter.Description, &filter.Command{}},
	{"papyra-compact", compact.Description, &compact.Command{}},
	{"papyra-inspect", inspect.Description, &inspect.Command{}},
	{"papyra-append", appender.Description, &appender.Command{}},
}
