package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measureTree runs a command and takes its time and the largest memory that it and
// everything it has started held at one time: shared pages are shared out
// (proportional set size, as the system allows one to see it).
func measureTree(command *exec.Cmd) (run, error) {
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	start := time.Now()
	if err := command.Start(); err != nil {
		return run{}, err
	}
	done := make(chan struct{})
	peak := make(chan int64)
	go func() { peak <- watchMemory(command.Process.Pid, done) }()
	err := command.Wait()
	wall := time.Since(start)
	close(done)
	memory := <-peak
	if err != nil {
		return run{}, fmt.Errorf("%w\n%s", err, errs.String())
	}
	r := run{wall: wall, memory: memory, output: out.String()}
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.cpu = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		r.memory = max(r.memory, usage.Maxrss)
	}
	return r, nil
}

// sample is how often memory is looked at.
const sample = 50 * time.Millisecond

// watchMemory gives the largest memory of a process tree in KiB.
func watchMemory(pid int, done <-chan struct{}) int64 {
	tick := time.NewTicker(sample)
	defer tick.Stop()
	var peak int64
	for {
		select {
		case <-done:
			return peak
		case <-tick.C:
			peak = max(peak, treeMemory(pid))
		}
	}
}

// treeMemory gives the memory of a process and its descendants in KiB. Processes
// that end meanwhile count as nothing.
func treeMemory(root int) int64 {
	children := map[int][]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// The name in parentheses may hold anything.
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		pid, err1 := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) < 2 || err1 != nil {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	var sum int64
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		sum += proportional(queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return sum
}

// proportional gives the proportional set size of a process in KiB.
func proportional(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err == nil {
				return n
			}
		}
	}
	return 0
}
