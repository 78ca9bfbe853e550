package elog

import (
	"context"
	"errors"
	"fmt"
	"log/syslog"
	"os/exec"
	"strings"
	"time"
)

// patience is how long a program or a server may take for one message, as in Portage.
const patience = time.Minute

// custom saves the messages and runs PORTAGE_ELOG_COMMAND, in which ${LOGFILE} and
// ${PACKAGE} stand for their file and for the package.
func (c *Config) custom(t Told) error {
	file, err := c.save(t)
	if err != nil {
		return err
	}
	if strings.TrimSpace(c.Command) == "" {
		return errors.New("PORTAGE_ELOG_COMMAND is not set")
	}
	return run(nil, c.Bash, "-c", strings.NewReplacer("${LOGFILE}", file, "${PACKAGE}", t.CPV).Replace(c.Command))
}

// run runs a program that gets text, and tells what it said if it fails.
func run(input *string, argv ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = time.Second
	if input != nil {
		cmd.Stdin = strings.NewReader(*input)
	}
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s has not ended within %v", argv[len(argv)-1], patience)
	case err != nil:
		return fmt.Errorf("%s: %w: %s", argv[len(argv)-1], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// syslog sends each line to the system's log, as facility local5 of "portage".
func (c *Config) syslog(t Told) error {
	network := ""
	if c.Syslog != "" {
		network = "unixgram"
	}
	w, err := syslog.Dial(network, c.Syslog, syslog.LOG_LOCAL5|syslog.LOG_NOTICE, "portage")
	if err != nil {
		return err
	}
	defer w.Close()
	for _, p := range t.Messages {
		for _, e := range p.Entries {
			tell := map[string]func(string) error{"INFO": w.Info, "WARN": w.Warning, "ERROR": w.Err, "LOG": w.Notice, "QA": w.Warning}[e.Class]
			for _, line := range e.Lines {
				if err := tell(fmt.Sprintf("%s: %s: %s", t.CPV, p.Name, line)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
