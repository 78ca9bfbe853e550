package emerge

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// ask asks a question that is answered with Yes or No; an empty answer is Yes,
// unless --ask-enter-invalid. No ends the run, as emerge does.
func (r *run) ask(prompt string) error {
	if r.line.Has("--alert") {
		prompt = "\a" + prompt
	}
	if _, err := io.WriteString(r.env.Out, prompt+" "); err != nil {
		return err
	}
	in := bufio.NewReader(r.env.In)
	for {
		// What is written to standard error pushes out what standard output holds.
		if _, err := io.WriteString(r.env.Out, "[Yes/No] "); err != nil {
			return err
		}
		if _, err := r.env.Err.Write(nil); err != nil {
			return err
		}
		answer, err := in.ReadString('\n')
		if err != nil {
			_, _ = io.WriteString(r.env.Out, "Interrupted.\n") // the run ends either way
			return &cli.FailedError{Status: 128 + int(syscall.SIGINT)}
		}
		answer = strings.ToUpper(strings.TrimRight(answer, "\r\n"))
		switch {
		case answer == "" && r.line.Has("--ask-enter-invalid"):
		case strings.HasPrefix("YES", answer):
			return nil
		case strings.HasPrefix("NO", answer):
			_, _ = io.WriteString(r.env.Out, "\nQuitting.\n\n") // as above
			return &cli.FailedError{Status: 128 + int(syscall.SIGINT)}
		}
		if _, err := fmt.Fprintf(r.env.Out, "Sorry, response '%s' not understood. ", strings.ToLower(answer)); err != nil {
			return err
		}
	}
}
