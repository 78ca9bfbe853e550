package cases_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cases"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// TestRecordCorpus records requests of the corpus and runs the files again.
func TestRecordCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("plans of the corpus, twice each")
	}
	c, err := corpus.Open(sharedtest.Path(t, "corpus/flatcar"))
	if err != nil {
		t.Fatal(err)
	}
	bench := corpus.NewBench(c, resolvertest.TempDir(t))
	for _, id := range recordedRequests {
		t.Run(id, func(t *testing.T) {
			i := slices.IndexFunc(c.Requests, func(r corpus.Request) bool { return r.ID == id })
			if i < 0 {
				t.Fatalf("the corpus has no request %s", id)
			}
			recordRequest(t, bench, &c.Requests[i])
		})
	}
}

var recordedRequests = []string{
	"amd64-usr-bash-empty", "arm64-usr-docker-step1", "amd64-usr-use-nossl", "sdk-newuse",
}

// recordRequest records a request and runs the file by its own command.
func recordRequest(t *testing.T, bench *corpus.Bench, r *corpus.Request) {
	roots, err := bench.Lay(r)
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"TUMPLINE_BUILD_ROOT": roots.Build, "TUMPLINE_CACHE_DIR": filepath.Join(roots.Dir, "cache")}
	if r.Board() {
		vars["ROOT"], vars["SYSROOT"], vars["PORTAGE_CONFIGROOT"] = roots.Target, roots.Target, roots.Target
	}
	for name, value := range r.Env {
		vars[name] = value
	}
	file := filepath.Join(roots.Dir, "record.txtar")
	run := func(args ...string) (int, string) {
		var out, errs bytes.Buffer
		env := &cli.Env{Streams: cli.Streams{Out: &out, Err: &errs, In: strings.NewReader("")}, Name: "cases", Args: args, Vars: vars, Dir: roots.Dir}
		status := cli.Run(t.Context(), env, cases.Front(adapter.Runner))
		text := out.String() + errs.String()
		return status, text[:min(len(text), 3000)]
	}
	if status, text := run(append([]string{"record", "-o", file, "--"}, r.Args...)...); status != cli.StatusOK {
		t.Errorf("cases record: status %d\n%s", status, text)
	}
	if status, text := run("run", file); status != cli.StatusOK || !strings.Contains(text, "1/1") {
		t.Errorf("cases run: status %d\n%s", status, text)
	}
}
