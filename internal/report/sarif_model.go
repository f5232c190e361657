package report

// The part of SARIF 2.1.0 that reports of anomalies need, by the names of the
// standard. A library would hold the whole standard, at a hundred times the
// size: most of what it has could be reached by reflection only, so that the
// linker keeps it, and the dispatcher would not stay within its size.

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"
)

// sarifOpening and sarifClosing are a run without its results.
type sarifOpening struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
}

type sarifClosing struct {
	Invocations []sarifInvocation `json:"invocations"`
}

type sarifDriver struct {
	InformationURI string      `json:"informationUri"`
	Name           string      `json:"name"`
	Rules          []sarifRule `json:"rules"`
	Version        string      `json:"version"`
}

type sarifRule struct {
	ID                   string       `json:"id"`
	Name                 string       `json:"name"`
	ShortDescription     sarifMessage `json:"shortDescription"`
	FullDescription      sarifMessage `json:"fullDescription"`
	DefaultConfiguration sarifConfig  `json:"defaultConfiguration"`
	HelpURI              string       `json:"helpUri"`
	Help                 sarifMessage `json:"help"`
}

type sarifConfig struct {
	Enabled bool   `json:"enabled"`
	Level   string `json:"level"`
}

type sarifMessage struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifInvocation struct {
	ExecutionSuccessful        bool                `json:"executionSuccessful"`
	ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Locations []sarifLocation `json:"locations,omitempty"`
	Message   sarifMessage    `json:"message"`
}

type sarifResult struct {
	// Properties are where in the file the fault is, in bytes.
	Properties map[string]int64 `json:"properties,omitempty"`
	RuleID     string           `json:"ruleId"`
	RuleIndex  int              `json:"ruleIndex"`
	Level      string           `json:"level"`
	Message    sarifMessage     `json:"message"`
	Locations  []sarifLocation  `json:"locations"`
	// PartialFingerprints tell a result from others, run after run.
	PartialFingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	PhysicalLocation sarifPlace `json:"physicalLocation"`
}

type sarifPlace struct {
	ArtifactLocation sarifArtifact `json:"artifactLocation"`
	Region           *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine  int64 `json:"startLine,omitempty"`
	ByteOffset int64 `json:"byteOffset"`
	ByteLength int64 `json:"byteLength"`
}
