package merge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tumpline/tumpline/resolver/plan"
)

// Schema names and version of the lines that events are written as. A minor
// version adds kinds or keys; a major one changes or takes some away.
const (
	EventSchema        = "tumpline.events"
	EventSchemaVersion = "1.0.0"
)

// A Work is what is done with a step.
type Work string

// The kinds of work.
const (
	WorkCheck   Work = "check"   // pkg_pretend
	WorkFetch   Work = "fetch"   // getting files
	WorkBuild   Work = "build"   // from source to an image, or a binary package to an image
	WorkMerge   Work = "merge"   // from the image to the root
	WorkUnmerge Work = "unmerge" // out of the root
)

// A Kind is the sort of an Event.
type Kind string

// The kinds of events.
const (
	RunBegins  Kind = "run-begins"
	WorkBegins Kind = "work-begins" // of a step
	InPhase    Kind = "phase"       // a step enters a phase
	WorkEnds   Kind = "work-ends"   // well
	WorkFails  Kind = "work-fails"
	StepDrops  Kind = "step-dropped" // it needs what failed
	Selected   Kind = "selected"     // an atom is recorded in the world file
	Status     Kind = "status"       // the numbers have changed
	RunEnds    Kind = "run-ends"
)

// Outcome says how a run ended.
type Outcome string

// The outcomes.
const (
	AllDone     Outcome = "done"
	SomeFailed  Outcome = "failed"
	Interrupted Outcome = "interrupted"
)

// An Event is something that happened in a run. Which fields mean something
// depends on its kind (see Keys).
type Event struct {
	Kind    Kind
	Time    time.Time
	Step    *plan.Step
	Work    Work
	Number  int // of a merge: it is the Number-th to begin, of Total
	Total   int
	Jobs    int // 0: any number
	Goal    Goal
	Phase   string
	Took    time.Duration
	Err     error
	Package string     // the binary package that was made; may be empty
	Because *plan.Step // what a dropped step needs
	Atom    string
	Counts  Counts
	Outcome Outcome
}

// Counts are the numbers of a run. Unmerges do not count.
type Counts struct {
	Total    int
	Complete int
	Building int
	Waiting  int // built, and waiting to be merged
	Merging  int
	Failed   int
	Dropped  int
	// Left is the time that the rest is likely to take; negative: not known.
	Left time.Duration
}

// A key is a member of the object that an event is written as.
type key struct {
	name  string
	kind  string // JSON type, as the schema names it
	about string
	value func(e *Event) any
}

func stepKeys() []key {
	return []key{
		{"step", "integer", "the step of the plan", func(e *Event) any { return e.Step.ID }},
		{"operation", "string", "merge or unmerge", func(e *Event) any { return e.Step.Operation }},
		{"cpv", "string", "category/PF", func(e *Event) any { return e.Step.CPV }},
		{"repo", "string", "the repository", func(e *Event) any { return e.Step.Repo }},
		{"origin", "string", "ebuild, binary or installed", func(e *Event) any { return e.Step.Origin }},
		{"root", "string", "target or build", func(e *Event) any { return e.Step.Root }},
		{"stage", "string", "final, or bootstrap for a merge that a later step does again in full", func(e *Event) any { return e.Step.Stage }},
	}
}

func workKeys() []key {
	return append(stepKeys(),
		key{"work", "string", "fetch, build, merge, unmerge or check", func(e *Event) any { return e.Work }},
		key{"number", "integer", "the merge is the number-th to begin; 0 if it has not begun", func(e *Event) any { return e.Number }},
		key{"total", "integer", "of so many", func(e *Event) any { return e.Total }})
}

func countKeys() []key {
	return []key{
		{"total", "integer", "merges of the plan", func(e *Event) any { return e.Counts.Total }},
		{"complete", "integer", "merges that are done", func(e *Event) any { return e.Counts.Complete }},
		{"building", "integer", "packages being built", func(e *Event) any { return e.Counts.Building }},
		{"waiting", "integer", "packages waiting to be merged", func(e *Event) any { return e.Counts.Waiting }},
		{"merging", "integer", "packages being merged", func(e *Event) any { return e.Counts.Merging }},
		{"failed", "integer", "packages that failed", func(e *Event) any { return e.Counts.Failed }},
		{"dropped", "integer", "packages that were dropped, as they need one that failed", func(e *Event) any { return e.Counts.Dropped }},
	}
}

// keys lists the members of the object that an event of a kind is written as,
// besides "event" and "time".
func keys(kind Kind) []key {
	seconds := key{"seconds", "number", "how long it took", func(e *Event) any { return inSeconds(e.Took) }}
	switch kind {
	case RunBegins:
		return []key{
			{"schema", "string", EventSchema, func(*Event) any { return EventSchema }},
			{"schema_version", "string", "the semantic version of the form of the lines", func(*Event) any { return EventSchemaVersion }},
			{"goal", "string", "root, package (--buildpkgonly) or files (--fetchonly)", func(e *Event) any { return e.Goal.String() }},
			{"jobs", "integer", "packages built at a time; 0: any number", func(e *Event) any { return e.Jobs }},
			{"total", "integer", "merges of the plan", func(e *Event) any { return e.Total }},
		}
	case WorkBegins:
		return workKeys()
	case InPhase:
		return append(workKeys(), key{"phase", "string", "the phase that begins", func(e *Event) any { return e.Phase }})
	case WorkEnds:
		return append(workKeys(), seconds, key{"package", "string", "the binary package that was made; empty: none", func(e *Event) any { return e.Package }})
	case WorkFails:
		return append(workKeys(), seconds, key{"message", "string", "why, in words", func(e *Event) any { return message(e.Err) }})
	case StepDrops:
		return append(stepKeys(), key{"because", "integer", "the step that it needs and that failed or was dropped", func(e *Event) any { return e.Because.ID }})
	case Selected:
		return []key{{"atom", "string", "the entry of the world file, or the set", func(e *Event) any { return e.Atom }}}
	case Status:
		return append(countKeys(), key{"left_seconds", "number", "time left, likely; -1 if unknown", func(e *Event) any { return inSeconds(e.Counts.Left) }})
	case RunEnds:
		return append(countKeys(), seconds, key{"outcome", "string", "done, failed or interrupted", func(e *Event) any { return e.Outcome }})
	}
	return nil
}

// inSeconds gives milliseconds as a fraction; what is negative is -1.
func inSeconds(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// kinds lists the kinds of events.
func kinds() []Kind {
	return []Kind{RunBegins, WorkBegins, InPhase, WorkEnds, WorkFails, StepDrops, Selected, Status, RunEnds}
}

// MarshalJSON writes the event as one object whose members, and their order,
// depend on the kind alone.
func (e Event) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"event":%q,"time":%q`, e.Kind, e.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
	for _, k := range keys(e.Kind) {
		value, err := json.Marshal(k.value(&e))
		if err != nil {
			return nil, fmt.Errorf("event %s: %s: %w", e.Kind, k.name, err)
		}
		fmt.Fprintf(&b, ",%q:%s", k.name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// EventsSchema is the JSON Schema of one line.
func EventsSchema() string {
	type object = map[string]any
	var list []object
	for _, kind := range kinds() {
		properties := object{"event": object{"const": kind}, "time": object{"type": "string", "format": "date-time"}}
		required := []string{"event", "time"}
		for _, k := range keys(kind) {
			properties[k.name] = object{"type": k.kind, "description": k.about}
			required = append(required, k.name)
		}
		list = append(list, object{"type": "object", "properties": properties, "required": required, "additionalProperties": false})
	}
	text, err := json.MarshalIndent(object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": EventSchema + " " + EventSchemaVersion,
		"description": "One line of what emerge --events=json prints.", "oneOf": list,
	}, "", "  ")
	if err != nil {
		return "" // the values are maps of text
	}
	return string(text) + "\n"
}
