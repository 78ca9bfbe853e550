package sandbox_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tumpline/tumpline/merge/sandbox"
)

// cpu is the processor time that this process and its children have used, in
// seconds.
func cpu(b *testing.B) float64 {
	b.Helper()
	var sum float64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var use syscall.Rusage
		if err := syscall.Getrusage(who, &use); err != nil {
			b.Fatal(err)
		}
		sum += float64(use.Utime.Nano()+use.Stime.Nano()) / 1e9
	}
	return sum
}

// benchmark runs a script in a fresh build directory, with and without a sandbox.
func benchmark(b *testing.B, prepare func(dir string), script string) {
	needs(b)
	for _, confined := range []bool{false, true} {
		b.Run(map[bool]string{false: "plain", true: "sandbox"}[confined], func(b *testing.B) {
			start := 0.0
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b)
				if prepare != nil {
					prepare(w.options.Dir)
				}
				before := cpu(b)
				b.StartTimer()
				var err error
				var out []byte
				if confined {
					var cmd *sandbox.Cmd
					if cmd, err = sandbox.Command(b.Context(), w.options, bash(b), "-c", script); err == nil {
						cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
						err = cmd.Run()
					}
				} else {
					cmd := exec.Command(bash(b), "-c", script)
					cmd.Dir = w.options.Dir
					out, err = cmd.CombinedOutput()
				}
				if err != nil {
					b.Fatal(err, string(out))
				}
				start += cpu(b) - before
			}
			b.ReportMetric(start/float64(b.N), "cpu-s/op")
		})
	}
}

func BenchmarkStart(b *testing.B) { benchmark(b, nil, "exit 0") }

func BenchmarkCreate20000(b *testing.B) {
	benchmark(b, nil, "for ((i = 0; i < 20000; i++)); do : > f$i; done")
}

// BenchmarkMake compiles a small project in C.
func BenchmarkMake(b *testing.B) {
	for _, tool := range []string{"make", "cc"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skip(err)
		}
	}
	benchmark(b, func(dir string) {
		var objects []string
		for i := range 30 {
			text := fmt.Sprintf("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint f%d(int x) { char s[99]; snprintf(s, sizeof s, \"%%d\", x); return atoi(s) + (int)strlen(s); }\n", i)
			if i == 0 {
				text += "int main(void) { return f0(1); }\n"
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.c", i)), []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
			objects = append(objects, fmt.Sprintf("f%d.o", i))
		}
		text := "program: " + strings.Join(objects, " ") + "\n\t$(CC) -o $@ $^\n"
		if err := os.WriteFile(filepath.Join(dir, "Makefile"), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}, "make -s -j2 CFLAGS=-O2")
}
