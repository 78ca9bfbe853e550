package elog_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/merge/elog"
)

// told is a message of each class that the modules treat differently.
func told(cpv string) elog.Told {
	return elog.Told{CPV: cpv, Messages: elog.Messages{
		{Name: "install", Entries: []elog.Entry{{Class: "WARN", Lines: []string{"careful"}}, {Class: "ERROR", Lines: []string{"b\u00f6se"}}}},
	}}
}

func config(t *testing.T, systems string) *elog.Config {
	return &elog.Config{Classes: []string{"warn"}, Systems: elog.ParseSystems(systems), Dir: t.TempDir(), Bash: "/bin/sh", Digest: &elog.Digest{},
		MakeDir: func(d string) error { return os.MkdirAll(d, 0o755) }, Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Process: 7,
		Mail: elog.Mail{From: "portage@${HOST}", Subject: "${PACKAGE} ${ACTION} on ${HOST}", Host: "here"}}
}

func TestCustom(t *testing.T) {
	c := config(t, "custom")
	c.Command = `{ echo ${PACKAGE}; cat ${LOGFILE}; } > ` + c.Dir + `/out`
	if err := c.Deliver(told("app/a-1")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(c.Dir + "/out"); err != nil || string(text) != "app/a-1\nWARN: install\ncareful\n" {
		t.Errorf("the program was given %q, %v", text, err)
	}
	c.Command = "echo broken >&2; exit 3"
	if err := c.Deliver(told("app/a-1")); err == nil || !strings.Contains(err.Error(), "exit status 3: broken") {
		t.Errorf("a program that fails: %v", err)
	}
	c.Command = " "
	if err := c.Deliver(told("app/a-1")); err == nil || !strings.Contains(err.Error(), "PORTAGE_ELOG_COMMAND is not set") {
		t.Errorf("no program: %v", err)
	}
}

func TestSyslog(t *testing.T) {
	c := config(t, "syslog:warn,error")
	c.Syslog = filepath.Join(t.TempDir(), "log")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: c.Syslog, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := c.Deliver(told("app/a-1")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 500)
	for _, want := range []struct{ priority, text string }{{"<172>", "app/a-1: install: careful"}, {"<171>", "app/a-1: install: b\u00f6se"}} { // local5 and warning, local5 and error
		n, err := conn.Read(buf)
		if got := strings.TrimSpace(string(buf[:n])); err != nil || !strings.HasPrefix(got, want.priority) || !strings.HasSuffix(got, want.text) || !strings.Contains(got, " portage[") {
			t.Errorf("the log got %q, %v; want %v", got, err, want)
		}
	}
	c.Syslog += "none"
	if err := c.Deliver(told("app/a-1")); err == nil {
		t.Error("no log: no error")
	}
}

func TestSendmail(t *testing.T) {
	c := config(t, "mail")
	program := filepath.Join(c.Dir, "sendmail")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$@\" > "+c.Dir+"/args; cat > "+c.Dir+"/letter\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.Mail.URI = "me@there " + program
	if err := c.Deliver(told("app/a-1")); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(c.Dir + "/args"); string(text) != "-f portage@here me@there\n" {
		t.Errorf("arguments %q", text)
	}
	const want = "To: me@there\nFrom: portage@here\nSubject: app/a-1 merged on here\nDate: Fri, 02 Jan 2026 03:04:05 +0000\nMIME-Version: 1.0\n" +
		"Content-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\nWARN: install\ncareful\n"
	if text, _ := os.ReadFile(c.Dir + "/letter"); string(text) != want {
		t.Errorf("letter %q, want %q", text, want)
	}
	for uri, want := range map[string]string{
		"a b c":                       "expected an address and perhaps a server",
		"a secret@host":               "expected USER:PASSWORD",
		"a host:x":                    "is no number",
		"a host:0":                    "there is no server",
		"a " + program + "-not-there": "no such file",
		"a\x00 127.0.0.1:1":           "refused",
	} {
		c.Mail.URI = uri
		if err := c.Deliver(told("app/a-1")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", uri, err, want)
		}
	}
	c.Mail.URI, c.Mail.Subject = "a "+program, "a\nBcc: x"
	if err := c.Deliver(told("app/a-1")); err == nil || !strings.Contains(err.Error(), "line end") {
		t.Errorf("a header of two lines: %v", err)
	}
}

// server is an SMTP server for one letter; what it hears comes out of the channel.
func server(t *testing.T, offers ...string) (port int, heard <-chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	out := make(chan string, 1)
	go func() {
		defer close(out)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var all strings.Builder
		defer func() { out <- all.String() }()
		fmt.Fprint(conn, "220 here\r\n")
		data := false
		for in := bufio.NewScanner(conn); in.Scan(); {
			text := in.Text()
			all.WriteString(text + "\n")
			switch {
			case data && text != ".":
			case strings.HasPrefix(text, "EHLO"):
				for _, o := range offers {
					fmt.Fprintf(conn, "250-%s\r\n", o)
				}
				fmt.Fprint(conn, "250 ok\r\n")
			case text == "DATA":
				data = true
				fmt.Fprint(conn, "354 go on\r\n")
			case text == "QUIT":
				fmt.Fprint(conn, "221 bye\r\n")
				return
			case strings.HasPrefix(text, "AUTH"):
				fmt.Fprint(conn, "235 ok\r\n")
			default:
				data = false
				fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, out
}

func TestMailSummary(t *testing.T) {
	c := config(t, "mail-summary:*")
	port, heard := server(t, "AUTH PLAIN")
	c.Mail.URI = fmt.Sprintf("me@there who:pass:word@127.0.0.1:%d", port)
	for _, cpv := range []string{"app/a-1", "app/b-2"} {
		if err := c.Deliver(told(cpv)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Digest.Send(c.Now); err != nil {
		t.Fatal(err)
	}
	text := <-heard
	for _, want := range []string{"AUTH PLAIN AHdobwBwYXNzOndvcmQ=", "MAIL FROM:<portage@here>", "RCPT TO:<me@there>", "Subject: multiple packages merged on here",
		"- app/a-1\n- app/b-2\n", ">>> Messages generated for package app/b-2 by process 7 on 20260102-030405", "b=C3=B6se"} {
		if !strings.Contains(text, want) {
			t.Errorf("the server has not heard %q in\n%s", want, text)
		}
	}
	if err := c.Digest.Send(c.Now); err != nil {
		t.Errorf("sent a second time: %v", err)
	}
}

func TestMailNeedsTLS(t *testing.T) {
	c := config(t, "mail")
	port, _ := server(t)
	c.Mail.URI = fmt.Sprintf("me@there 127.0.0.1:%d", 100000+port)
	if err := c.Deliver(told("app/a-1")); err == nil || !strings.Contains(err.Error(), "does not offer TLS") {
		t.Errorf("Deliver = %v", err)
	}
}
