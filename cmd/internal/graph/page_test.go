package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/graph"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// drive is what a user does on the page: it writes what came of each step, and how long
// it took, into an element.
const drive = `
<pre id="result"></pre>
<script>
const result = {steps: {}, took: {}};
const $ = id => document.getElementById(id);
function step(name, act, see) {
  const before = performance.now();
  act();
  document.getElementById("canvas").getContext("2d").getImageData(0, 0, 1, 1); // the drawing is done, not only ordered
  document.body.offsetHeight;
  result.took[name] = performance.now() - before;
  result.steps[name] = see();
}
const count = () => $("count").textContent, title = () => ($("details").querySelector("h2") || {}).textContent || "";
const press = (target, type, more) => target.dispatchEvent(new PointerEvent(type, {bubbles: true, ...more}));
const boxes = () => [...document.querySelectorAll("#classes input")];
step("start", () => {}, count);
step("search", () => { $("search").value = "VIM-CORE"; $("search").dispatchEvent(new Event("input")); }, () => $("list").textContent);
step("enter", () => $("search").dispatchEvent(new KeyboardEvent("keydown", {key: "Enter"})), title);
step("no search", () => { $("search").value = ""; $("search").dispatchEvent(new Event("input")); }, count);
boxes().forEach((b, i) => step("no class " + i, () => b.click(), count));
boxes().forEach((b, i) => step("class " + i, () => b.click(), count));
step("no build root", () => document.querySelector('#roots input[value="build"]').click(), count);
step("build root", () => document.querySelector('#roots input[value="build"]').click(), count);
step("merged", () => $("merged").click(), count);
step("not only merged", () => $("merged").click(), count);
step("cycles", () => $("circular").click(), count);
step("not only cycles", () => $("circular").click(), count);
step("zoom", () => $("canvas").dispatchEvent(new WheelEvent("wheel", {deltaY: -500, clientX: 600, clientY: 300, cancelable: true})), count);
step("drag", () => { press($("canvas"), "pointerdown", {clientX: 500, clientY: 300}); press(window, "pointermove", {clientX: 300, clientY: 200}); press($("canvas"), "pointerup"); }, title);
step("fit", () => $("fit").click(), count);
step("click", () => { const at = placeOf(VICTIM), p = {clientX: at.x, clientY: at.y}; press($("canvas"), "pointerdown", p); press($("canvas"), "pointerup", p); }, title);
step("follow", () => $("details").querySelector("li button[data-node]").click(), title);
step("only", () => $("only").click(), count);
step("expand", () => $("expand").click(), count);
step("all", () => $("all").click(), count);
step("nothing", () => { press($("canvas"), "pointerdown", {clientX: 1160, clientY: 895}); press($("canvas"), "pointerup", {clientX: 1160, clientY: 895}); }, title);
$("result").textContent = JSON.stringify(result);
</script>
`

// run runs the front on a request of the corpus.
func run(t *testing.T, id string, args ...string) string {
	t.Helper()
	recorded, err := corpus.Open(sharedtest.Path(t, "corpus/flatcar"))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(recorded.Requests, func(r corpus.Request) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("the corpus has no request %s", id)
	}
	r := &recorded.Requests[i]
	roots, err := corpus.NewBench(recorded, resolvertest.TempDir(t)).Lay(r)
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{
		"TUMPLINE_BUILD_ROOT": roots.Build, "TUMPLINE_CACHE_DIR": filepath.Join(roots.Dir, "cache"),
		"ROOT": roots.Target, "SYSROOT": roots.Target, "PORTAGE_CONFIGROOT": roots.Target,
	}
	var out, errs bytes.Buffer
	env := &cli.Env{Streams: cli.Streams{Out: &out, Err: &errs}, Args: append(args, r.Args...), Vars: vars, Dir: roots.Dir}
	if status := cli.Run(context.Background(), env, graph.Main); status != 0 {
		t.Fatalf("exit status %d: %s", status, &errs)
	}
	return out.String()
}

// TestPage drives the page of a real graph in a browser.
func TestPage(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		sharedtest.Lacking(t, "no chromium to show the page")
	}
	page := run(t, "amd64-usr-break-step2", "--html")
	if strings.Contains(page, "http:") || strings.Contains(page, "https:") || strings.Contains(page, "src=") {
		t.Error("the page asks for something outside")
	}
	const victim = "net-libs/libmnl-1.0.5"
	driver := strings.Replace(drive, "VICTIM", `"`+victim+`"`, 1)
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(strings.Replace(page, "</body>", driver+"</body>", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--window-size=1500,900", "--dump-dom", "file://"+file)
	dom, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`<pre id="result">(.*?)</pre>`).FindSubmatch(dom)
	if found == nil {
		t.Fatal("the page did not finish")
	}
	var result struct {
		Steps map[string]string
		Took  map[string]float64
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), &result); err != nil {
		t.Fatalf("%v: %s", err, found[1])
	}
	t.Logf("%+v", result)
	checkSteps(t, victim, result.Steps)
}

func checkSteps(t *testing.T, victim string, steps map[string]string) {
	t.Helper()
	whole := steps["start"]
	want := regexp.MustCompile(`^885 of 885 packages, (\d+) of (\d+) dependencies$`).FindStringSubmatch(whole)
	if want == nil || want[1] != want[2] {
		t.Errorf("start: %q", whole)
	}
	for _, name := range []string{"no search", "class 4", "build root", "not only merged", "not only cycles", "zoom", "fit", "all"} {
		if steps[name] != whole {
			t.Errorf("%s: %q, want %q again", name, steps[name], whole)
		}
	}
	for name, pattern := range map[string]string{
		"search": `^\d*app-editors/vim-core-`, "enter": `^app-editors/vim-core-`, "drag": `^app-editors/vim-core-`,
		"no class 4": `^885 of 885 packages, 0 of `, "click": "^" + regexp.QuoteMeta(victim), "follow": `^[a-z-]+/`, "nothing": `^$`,
		"no build root": `^[2-6]\d\d of 885 `, "merged": `^\d{3} of 885 `, "cycles": `^\d{2,3} of 885 `, "only": `^\d{1,2} of 885 `, "expand": `^\d+ of 885 `,
	} {
		if !regexp.MustCompile(pattern).MatchString(steps[name]) {
			t.Errorf("%s: %q does not match %s", name, steps[name], pattern)
		}
	}
	if steps["follow"] == steps["click"] {
		t.Error("follow: the same package is shown")
	}
}
