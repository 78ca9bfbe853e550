package emerge

import (
	"errors"
	"io"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/explain"
)

// explainOptions are the options that ask about a plan instead of showing it.
func explainOptions() []Option {
	return []Option{
		{Long: "--explain", Takes: TakesWord, Support: Done, Note: "say why this package, with its version, slot and USE, is in the plan"},
		{Long: "--explain-not", Takes: TakesWord, Support: Done, Note: "say why packages that match this atom are not in the plan"},
	}
}

// question returns what is asked about the plan; false if nothing is.
func (l *Line) question() (explain.QuestionKind, string, bool) {
	switch {
	case l.Has("--explain"):
		return explain.Why, l.Text("--explain"), true
	case l.Has("--explain-not"):
		return explain.WhyNot, l.Text("--explain-not"), true
	}
	return "", "", false
}

// checkQuestion refuses questions that cannot be answered together, or not by
// the action.
func (l *Line) checkQuestion() error {
	_, _, asked := l.question()
	switch {
	case !asked:
		return nil
	case l.Has("--explain") && l.Has("--explain-not"):
		return &cli.UsageError{Program: program, Usage: usage, Msg: "only one of --explain and --explain-not may be given"}
	case l.Action != "":
		return &cli.RefusedError{Program: program, What: "explaining --" + l.Action}
	}
	return nil
}

// explain answers the question about a result. The exit status says if it
// could be answered, not if the request can be met.
func (r *run) explain(result *resolver.Result, kind explain.QuestionKind, text string) error {
	e, err := explain.Ask(result, kind, text)
	var bad *atoms.ParseError
	switch {
	case errors.As(err, &bad):
		return &cli.UsageError{Program: program, Usage: usage, Msg: err.Error()}
	case err != nil:
		return err
	case r.json():
		return explain.WriteJSON(r.env.Out, e)
	}
	r.warn(result, nil)
	_, err = io.WriteString(r.env.Out, e.Text())
	return err
}
