package phase

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// keep writes what a phase leaves: the state for the next one, the files of
// build-info that come from the shell.
func (b *Build) keep(p Phase, r *report) error {
	if p.saves() && r.state != "" {
		if err := b.Dir.Write("temp/environment", betweenPhases(b.EAPI).apply(r.state)); err != nil {
			return err
		}
	}
	if r.functions != "" {
		if err := b.Dir.Write(functionsFile, r.functions); err != nil {
			return err
		}
	}
	if p == Install {
		if err := b.record(r.values); err != nil {
			return err
		}
	}
	if r.values != nil {
		if err := b.keepLists(r.values); err != nil {
			return err
		}
	}
	if r.state != "" && (p == Install || p == Preinst || p == Postinst) {
		return b.keepInstalled(installed(b.EAPI).apply(r.state))
	}
	return nil
}

// record writes the files of build-info that hold the value of a variable. Lists
// have single blanks; an empty one has no file.
func (b *Build) record(values map[string]string) error {
	for _, name := range strings.Fields(recorded) {
		if text := strings.Join(strings.Fields(values[name]), " "); text != "" {
			if err := b.info(name, text+"\n"); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"QA_AM_MAINTAINER_MODE", "EPREFIX", "QA_SONAME_NO_SYMLINK"} {
		if values[name] != "" {
			if err := b.info(name, values[name]+"\n"); err != nil {
				return err
			}
		}
	}
	files := map[string]string{"USE": strings.Join(b.USE, " ") + "\n", "EAPI": b.EAPI.Name + "\n"}
	if b.Repo != "" {
		files["repository"] = b.Repo + "\n"
	}
	if b.Features["nostrip"] || b.restricted("nostrip") || b.restricted("strip") {
		files["DEBUGBUILD"] = ""
	}
	text, err := os.ReadFile(b.Ebuild)
	if err != nil {
		return err
	}
	files[b.PF()+".ebuild"] = string(text)
	for name, text := range files {
		if err := b.info(name, text); err != nil {
			return err
		}
	}
	return nil
}

func (b *Build) info(name, text string) error {
	return b.Dir.Write("build-info/"+name, text)
}

// keepInstalled writes environment.bz2 with the program that the configuration
// names: others compress to other bytes. What it says already is not compressed anew.
func (b *Build) keepInstalled(state string) error {
	sum := sha256.Sum256([]byte(state))
	if b.installed == sum {
		return nil
	}
	words := strings.Fields(b.Variables["PORTAGE_BZIP2_COMMAND"])
	if len(words) == 0 {
		words = []string{"bzip2"}
	}
	cmd := exec.Command(words[0], append(words[1:], "-9c")...)
	var out, messages bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(state), &out, &messages
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compress environment with %s: %w: %s", words[0], err, strings.TrimSpace(messages.String()))
	}
	if err := b.info(InstalledState, out.String()); err != nil {
		return err
	}
	b.installed = sum
	return nil
}
