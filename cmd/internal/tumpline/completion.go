package tumpline

import "github.com/tumpline/tumpline/cmd/internal/complete"

// completed lists the commands for the completion of command lines.
func completed() []complete.Command {
	var out []complete.Command
	for _, f := range fronts() {
		out = append(out, complete.Command{Name: f.name(), Short: f.short, Run: f.run, Applet: f.applet})
	}
	return out
}
