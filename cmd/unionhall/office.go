package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"unionhall/hall"
)

type initialise struct {
	where
	Name         string `required:"" help:"Full name of the office." placeholder:"NAME"`
	Admin        string `required:"" help:"Login of the first account; it holds the posts of system administrator and organisation officer." placeholder:"LOGIN"`
	Region       string `default:"210600" help:"Six-digit area code: it decides which local parameters hold."`
	PasswordFile string `help:"File whose first line is the password; - reads standard input." placeholder:"FILE"`
	Person       string `help:"Name of whoever the first account is for." placeholder:"NAME"`
}

// Run founds an office.
func (i initialise) Run(ctx context.Context, out io.Writer) error {
	h, err := i.open(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	if has, err := h.HasOffice(ctx); err != nil || has {
		return errors.Join(err, errors.New("there is an office in this folder already: name another with --data"))
	}
	password, err := readPassword(i.PasswordFile, "密码（至少 10 个字符）：")
	if err != nil {
		return err
	}
	if err := h.Found(ctx, hall.Founding{Name: i.Name, Region: i.Region, Login: i.Admin, Person: i.Person, Password: password, By: shellUser()}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "已建立“%s”。现在运行 unionhall serve，用账号 %s 登录，按工作台上的步骤完成设置。\n", i.Name, i.Admin)
	return err
}

func shellUser() string {
	if u := os.Getenv("USER"); u != "" {
		return "shell:" + u
	}
	return "shell"
}

// readPassword reads a password from a file, or asks for it where a person
// sits; the terminal does not show it.
func readPassword(file, prompt string) (string, error) {
	var r io.Reader = os.Stdin
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("password file %s cannot be read: %w", file, err)
		}
		defer f.Close()
		r = f
	} else if file == "" && term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprint(os.Stderr, prompt)
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		return string(b), err
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", exit{2, errors.New("no password was given: use --password-file FILE, or run it where it can ask")}
	}
	return line, nil
}

type user struct {
	Add    userAdd    `cmd:"" help:"Make an account."`
	List   userList   `cmd:"" help:"List accounts."`
	Lock   userLock   `cmd:"" help:"Lock an account, or unlock it with --off."`
	Passwd userPasswd `cmd:"" help:"Give an account a new password."`
	Second userSecond `cmd:"" name:"reset-second" help:"Take an account's lost second factor away."`
}

type userAdd struct {
	where
	Login        string `arg:""`
	Name         string `required:"" help:"Whose account it is."`
	Office       string `help:"Office to hold over the whole office: director, officer, accountant, cashier, auditor, admin, security, audit."`
	PasswordFile string `help:"File whose first line is the password; - reads standard input." placeholder:"FILE"`
}

func (u userAdd) Run(ctx context.Context, out io.Writer) error {
	password, err := readPassword(u.PasswordFile, "密码：")
	if err != nil {
		return err
	}
	return with(ctx, u.where, func(h *hall.House) error {
		return h.AddUser(ctx, hall.NewUser{Login: u.Login, Name: u.Name, Office: u.Office, Password: password, By: shellUser()})
	})
}

type userList struct{ where }

func (u userList) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, u.where, func(h *hall.House) error { return h.ListUsers(ctx, out) })
}

type userLock struct {
	where
	Login string `arg:""`
	Off   bool   `help:"Unlock."`
}

func (u userLock) Run(ctx context.Context) error {
	return with(ctx, u.where, func(h *hall.House) error { return h.LockUser(ctx, u.Login, !u.Off, shellUser()) })
}

type userPasswd struct {
	where
	Login        string `arg:""`
	PasswordFile string `help:"File whose first line is the password; - reads standard input." placeholder:"FILE"`
}

func (u userPasswd) Run(ctx context.Context) error {
	password, err := readPassword(u.PasswordFile, "新密码：")
	if err != nil {
		return err
	}
	return with(ctx, u.where, func(h *hall.House) error { return h.SetPassword(ctx, u.Login, password, shellUser()) })
}

type token struct {
	Create tokenCreate `cmd:"" help:"Make a token and print it."`
	List   tokenList   `cmd:"" help:"List tokens."`
	Revoke tokenRevoke `cmd:"" help:"Revoke a token."`
}

type tokenCreate struct {
	where
	Login string `required:"" help:"Whose token it is."`
	Days  int    `default:"30" help:"How long it holds, 1 to 365."`
}

func (t tokenCreate) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, t.where, func(h *hall.House) error {
		secret, err := h.CreateToken(ctx, t.Login, t.Days, shellUser(), time.Now())
		if err == nil {
			_, err = fmt.Fprintln(out, secret)
		}
		return err
	})
}

type tokenList struct{ where }

func (t tokenList) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, t.where, func(h *hall.House) error { return h.ListTokens(ctx, out) })
}

type tokenRevoke struct {
	where
	ID string `arg:"" help:"The token's id, or how it begins."`
}

func (t tokenRevoke) Run(ctx context.Context) error {
	return with(ctx, t.where, func(h *hall.House) error { return h.RevokeToken(ctx, t.ID, shellUser()) })
}

// with opens the house for one piece of work and seals the log behind it.
func with(ctx context.Context, w where, f func(*hall.House) error) error {
	h, err := w.open(ctx)
	if err != nil {
		return err
	}
	err = f(h)
	return errors.Join(err, h.Chain(context.WithoutCancel(ctx)), h.Close())
}
