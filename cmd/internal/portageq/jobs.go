package portageq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A snapshot is what a running emerge of Portage tells about itself in a file, if
// FEATURES has observability.
type snapshot struct {
	PID  int `json:"emerge_pid"`
	Jobs struct {
		Running   int `json:"running"`
		Completed int `json:"completed"`
		Total     int `json:"total"`
		Failed    int `json:"failed"`
	} `json:"jobs"`
	Tasks []task `json:"tasks"`
}

type task struct {
	CPV       string             `json:"cpv"`
	Kind      string             `json:"kind"`
	Phase     string             `json:"phase"`
	Elapsed   *float64           `json:"elapsed"`
	Building  float64            `json:"build_elapsed"`
	Resources map[string]float64 `json:"resources"`
}

// jobs tells what running emerges do. With --json it prints their snapshots as they
// are, in a list.
func jobs(_ context.Context, c *call) error {
	found, texts := c.snapshots()
	if len(found) == 0 {
		config, err := c.settings()
		if err != nil {
			return err
		}
		if !config.Feature("observability") {
			c.warn(`Nothing to report. Only emerges that were started with FEATURES="observability" tell what they do.`)
			if len(c.options.json) == 0 {
				return nil
			}
		}
	}
	if len(c.options.json) > 0 {
		text, err := json.MarshalIndent(texts, "", "  ")
		if err != nil {
			return err
		}
		return c.lines(string(text))
	}
	if len(found) == 0 {
		return c.lines("No emerge processes are currently running.")
	}
	for _, s := range found {
		if err := c.lines(s.lines()...); err != nil {
			return err
		}
	}
	return nil
}

// snapshots reads those of processes that live, by process id.
func (c *call) snapshots() ([]snapshot, []any) {
	dir := filepath.Join("/", c.env.Vars["EPREFIX"], "run/portage")
	entries, _ := os.ReadDir(dir) // without the folder there are none
	type both struct {
		snapshot
		all any
	}
	var list []both
	for _, e := range entries {
		name, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".json"), "emerge-")
		pid, err := strconv.Atoi(name)
		if !ok || err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		var b both
		if err != nil || json.Unmarshal(text, &b.snapshot) != nil || json.Unmarshal(text, &b.all) != nil || b.PID != pid || !lives(pid) {
			continue
		}
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b both) int { return a.PID - b.PID })
	var found []snapshot
	all := []any{}
	for _, b := range list {
		found, all = append(found, b.snapshot), append(all, b.all)
	}
	return found, all
}

// lives says if there is a process.
func lives(pid int) bool { return pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// lines are what people read of a snapshot.
func (s *snapshot) lines() []string {
	lines := []string{fmt.Sprintf("emerge[%d]: %d running, %d/%d done, %d failed", s.PID, s.Jobs.Running, s.Jobs.Completed, s.Jobs.Total, s.Jobs.Failed)}
	for _, t := range s.Tasks {
		phase, elapsed := t.Phase, "-"
		for _, other := range []string{t.Kind, "-"} {
			if phase == "" {
				phase = other
			}
		}
		if t.Elapsed != nil {
			elapsed = fmt.Sprintf("%ds", max(0, int(*t.Elapsed)))
		}
		line := fmt.Sprintf("  %-45s %-10s %7s", t.CPV, phase, elapsed)
		if used := t.used(); used != "" {
			line += "  [" + used + "]"
		}
		lines = append(lines, line)
	}
	return lines
}

// used tells the resources of a task.
func (t *task) used() string {
	var parts []string
	if usec, ok := t.Resources["cpu_usec"]; ok {
		part := fmt.Sprintf("CPU: %.2fs", usec/1e6)
		if t.Building > 0 {
			part += fmt.Sprintf(" (%.2fx)", usec/1e6/t.Building)
		}
		parts = append(parts, part)
	}
	for _, r := range [][2]string{
		{"mem_current", "Mem"}, {"mem_peak", "MaxMem"}, {"mem_swap_current", "Swap"}, {"mem_swap_peak", "MaxSwap"},
		{"mem_zswap_current", "ZSwap"}, {"io_read_bytes", "I/O R"}, {"io_write_bytes", "I/O W"},
	} {
		if n, ok := t.Resources[r[0]]; ok {
			parts = append(parts, r[1]+": "+bytesText(n))
		}
	}
	return strings.Join(parts, ", ")
}

func bytesText(n float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	i := 0
	for ; n >= 1024 && i+1 < len(units); i++ {
		n /= 1024
	}
	return fmt.Sprintf("%.2f %s", n, units[i])
}
