package elog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Mail says how messages are mailed.
type Mail struct {
	URI     string // PORTAGE_ELOG_MAILURI: ADDRESS [[USER:PASSWORD@]SERVER[:PORT]]
	From    string // PORTAGE_ELOG_MAILFROM, with ${HOST}
	Subject string // PORTAGE_ELOG_MAILSUBJECT, with ${PACKAGE}, ${HOST}, ${ACTION}
	Host    string // the name of this machine
}

// A destination is what PORTAGE_ELOG_MAILURI names.
type destination struct {
	address        string
	user, password string
	server         string // a host, or the absolute path of a sendmail program
	port           int
	tls            bool // STARTTLS is demanded: the port is given with 100000 added
}

// tlsPorts is added to ports on which STARTTLS is demanded.
const tlsPorts = 100000

// parseDestination reads PORTAGE_ELOG_MAILURI.
func parseDestination(uri string) (destination, error) {
	d := destination{address: "root@localhost", server: "localhost", port: 25}
	words := strings.Fields(uri)
	if len(words) > 2 {
		return d, fmt.Errorf("PORTAGE_ELOG_MAILURI=%q: expected an address and perhaps a server", uri)
	}
	if len(words) > 0 {
		d.address = words[0]
	}
	if len(words) < 2 {
		return d, nil
	}
	d.server = words[1]
	if i := strings.LastIndexByte(d.server, '@'); i >= 0 {
		var ok bool
		if d.user, d.password, ok = strings.Cut(d.server[:i], ":"); !ok {
			return d, errors.New("PORTAGE_ELOG_MAILURI: expected USER:PASSWORD before the @ of the server")
		}
		d.server = d.server[i+1:]
	}
	if filepath.IsAbs(d.server) {
		return d, nil
	}
	if host, port, err := net.SplitHostPort(d.server); err == nil {
		d.server = host
		if d.port, err = strconv.Atoi(port); err != nil {
			return d, fmt.Errorf("PORTAGE_ELOG_MAILURI: port %q is no number", port)
		}
	}
	if d.port > tlsPorts {
		d.port, d.tls = d.port-tlsPorts, true
	}
	if d.server == "" || d.port <= 0 || d.port > 65535 {
		return d, fmt.Errorf("PORTAGE_ELOG_MAILURI: there is no server %q with port %d", d.server, d.port)
	}
	return d, nil
}

// subject fills in PORTAGE_ELOG_MAILSUBJECT.
func (m *Mail) subject(what, action string) string {
	return strings.NewReplacer("${PACKAGE}", what, "${HOST}", m.Host, "${ACTION}", action).Replace(m.Subject)
}

// action says what was done to a package, by the phases that spoke.
func action(messages Messages) string {
	removed, other := false, false
	for _, p := range messages {
		switch p.Name {
		case "prerm", "postrm":
			removed = true
		case "other":
		default:
			other = true
		}
	}
	switch {
	case removed && other:
		return "unknown"
	case removed:
		return "unmerged"
	}
	return "merged"
}

// A letter is what is mailed.
type letter struct {
	Subject, Body string
	Parts         []string // texts of their own after the body
	Date          time.Time
}

// text gives the letter with its headers.
func (l *letter) text(from, to string) (string, error) {
	for _, header := range []string{from, to, l.Subject} {
		if strings.ContainsAny(header, "\r\n") {
			return "", fmt.Errorf("%q cannot be a header of mail: it has a line end", header)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "To: %s\r\nFrom: %s\r\nSubject: %s\r\nDate: %s\r\nMIME-Version: 1.0\r\n",
		to, from, mime.QEncoding.Encode("utf-8", l.Subject), l.Date.Format(time.RFC1123Z))
	if len(l.Parts) == 0 {
		b.WriteString("Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(&b)
		_, err := w.Write([]byte(l.Body))
		return b.String(), errors.Join(err, w.Close())
	}
	parts := multipart.NewWriter(&b)
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n", parts.Boundary())
	for _, text := range append([]string{l.Body}, l.Parts...) {
		to, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {`text/plain; charset="utf-8"`}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return "", err
		}
		w := quotedprintable.NewWriter(to)
		if _, err := w.Write([]byte(text)); err != nil {
			return "", err
		}
		if err := w.Close(); err != nil {
			return "", err
		}
	}
	return b.String(), parts.Close()
}

// send mails a letter.
func (m *Mail) send(l letter) error {
	d, err := parseDestination(m.URI)
	if err != nil {
		return err
	}
	from := strings.ReplaceAll(m.From, "${HOST}", m.Host)
	text, err := l.text(from, d.address)
	if err != nil {
		return err
	}
	if filepath.IsAbs(d.server) {
		text = strings.ReplaceAll(text, "\r\n", "\n") // what programs on this machine expect
		return run(&text, d.server, "-f", from, d.address)
	}
	if err := d.smtp(from, text); err != nil {
		return fmt.Errorf("mail to %s by %s, port %d (PORTAGE_ELOG_MAILURI): %w", d.address, d.server, d.port, err)
	}
	return nil
}

// smtp hands a letter to a server. A password is sent encrypted, or to this machine.
func (d *destination) smtp(from, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(d.server, strconv.Itoa(d.port)))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })() // a server that says nothing is not waited for
	defer conn.Close()                                      // after Quit it is closed already
	c, err := smtp.NewClient(conn, d.server)
	if err != nil {
		return err
	}
	offers, _ := c.Extension("STARTTLS")
	switch {
	case d.tls && !offers:
		return errors.New("the server does not offer TLS")
	case d.tls:
		if err := c.StartTLS(&tls.Config{ServerName: d.server}); err != nil {
			return err
		}
	}
	if d.user != "" && d.password != "" {
		if err := d.login(c); err != nil {
			return err
		}
	}
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(d.address); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

func (d *destination) login(c *smtp.Client) error {
	if _, ways := c.Extension("AUTH"); strings.Contains(ways, "CRAM-MD5") {
		return c.Auth(smtp.CRAMMD5Auth(d.user, d.password))
	}
	return c.Auth(smtp.PlainAuth("", d.user, d.password, d.server))
}

// A Digest gathers the messages of packages for one mail at the end of a run
// (mail_summary). It is safe for concurrent use.
type Digest struct {
	mu    sync.Mutex
	mails []digestMail
}

// A digestMail goes to one place.
type digestMail struct {
	to       Mail
	process  int
	packages []string
	texts    []string
}

func (d *Digest) add(c *Config, t Told) {
	text := fmt.Sprintf(">>> Messages generated for package %s by process %d on %s:\n\n%s", t.CPV, c.Process, c.Now.Format("20060102-150405 MST"), t.Messages.Text())
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.mails {
		if m := &d.mails[i]; m.to == c.Mail {
			m.packages, m.texts = append(m.packages, t.CPV), append(m.texts, text)
			return
		}
	}
	d.mails = append(d.mails, digestMail{c.Mail, c.Process, []string{t.CPV}, []string{text}})
}

// Send mails what was gathered, and forgets it.
func (d *Digest) Send(now time.Time) error {
	d.mu.Lock()
	mails := d.mails
	d.mails = nil
	d.mu.Unlock()
	var errs []error
	for _, m := range mails {
		count := "one package"
		if len(m.packages) > 1 {
			count = "multiple packages"
		}
		body := fmt.Sprintf("elog messages for the following packages generated by process %d on host %s:\n", m.process, m.to.Host)
		for _, name := range m.packages {
			body += "- " + name + "\n"
		}
		if err := m.to.send(letter{Subject: m.to.subject(count, "merged"), Body: body, Parts: m.texts, Date: now}); err != nil {
			errs = append(errs, fmt.Errorf("PORTAGE_ELOG_SYSTEM: mail_summary: %w", err))
		}
	}
	return errors.Join(errs...)
}
