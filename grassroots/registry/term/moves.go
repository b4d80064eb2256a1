package term

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/commons/message"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

const selectMoves = `
	SELECT v.id, v.union_id, u.name, v.seat_id, coalesce(m.name, ''), s.office, v.state, v.target, v.own_consent, v.asked, v.reply_by, v.decided, v.document, v.version
	FROM officer_moves v
	JOIN seats s ON s.tenant_id = v.tenant_id AND s.id = v.seat_id
	LEFT JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
	JOIN unions u ON u.tenant_id = v.tenant_id AND u.id = v.union_id
	JOIN union_reach r ON r.tenant_id = v.tenant_id AND r.union_id = v.union_id AND r.above_id = $2
	WHERE v.tenant_id = $1`

func scanMove(row sqldb.Row) (m Move, err error) {
	err = row(&m.ID, &m.UnionID, &m.Union, &m.SeatID, &m.Name, &m.Office, &m.State, &m.Target, &m.OwnConsent, &m.Asked, &m.ReplyBy, &m.Decided, &m.Document, &m.Version)
	return m, err
}

// FindMove returns a move of a union within g's reach, or fault.NotFound.
func FindMove(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Move, error) {
	return sqldb.One(ctx, tx, scanMove, selectMoves+` AND v.id = $3`, g.Tenant(), g.Under(), id)
}

func movesOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Move, error) {
	return sqldb.List(ctx, tx, scanMove, selectMoves+` AND v.union_id = $3 ORDER BY v.id DESC`, g.Tenant(), g.Under(), unionID)
}

// OpenMoves lists the moves within g's reach that wait for an answer, by the
// day of the answer.
func OpenMoves(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Move, error) {
	return sqldb.List(ctx, tx, scanMove, selectMoves+` AND v.state = 'asked' ORDER BY v.reply_by, v.id LIMIT $3`, g.Tenant(), g.Under(), int64(mostOpen))
}

// Moving is what is asked for: where to, and the consent of the own committee.
type MoveAsked struct {
	Target     string `json:"target" doc:"拟调往何处"`
	OwnConsent string `json:"own_consent" doc:"本级委员会的同意意见"`
	Words      string `json:"words" doc:"说明"`
}

// AskToMove opens the record of a move of a chair or vice-chair before the term
// ends. The higher union has until Move.ReplyBy to answer.
//
// law: ORG-25, LAW21-18
func AskToMove(ctx context.Context, tx *sqldb.Tx, g auth.Grant, seatID string, in MoveAsked, at day.Instant) (Move, error) {
	s, u, err := holdSeat(ctx, tx, g, seatID)
	if err != nil {
		return Move{}, err
	}
	in.Target, in.OwnConsent = strings.TrimSpace(in.Target), strings.TrimSpace(in.OwnConsent)
	switch {
	case s.To != "":
		return Move{}, fault.New(fault.Conflict, "%s已于 %s 离任。", s.Name, s.To)
	case s.Body != registry.Committee || !s.Office.Protected():
		return Move{}, fault.ByRule(fault.Conflict, "ORG-25", "只有主席、副主席的任期内调动要征得同意，%s的职务是%s。", s.Name, s.Office.Label())
	case in.Target == "" || utf8.RuneCountInString(in.Target) > 100:
		return Move{}, wrong("ORG-25", "target", "拟调往何处：请填写，最多 100 个字。")
	case in.OwnConsent == "" || utf8.RuneCountInString(in.OwnConsent) > 100:
		return Move{}, wrong("ORG-25", "own_consent", "本级委员会的同意意见：请填写会议日期或文号，最多 100 个字。")
	}
	waiting, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM officer_moves WHERE tenant_id = $1 AND seat_id = $2 AND state = 'asked'`, g.Tenant(), s.ID)
	if err != nil {
		return Move{}, err
	}
	if waiting > 0 {
		return Move{}, fault.New(fault.Conflict, "%s的调动已在等上级答复。", s.Name)
	}
	l, err := boundsOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return Move{}, err
	}
	v := Move{ID: sqldb.NewID(), UnionID: u.ID, Union: u.Name, SeatID: s.ID, Name: s.Name, Office: s.Office, State: Waiting, Target: in.Target, OwnConsent: in.OwnConsent, Asked: at.Day(), ReplyBy: at.Day().AddDays(l.Reply), Version: 1}
	m, given := audit.Moves{}, flow.Given{Words: in.Words}
	if _, err := Moving.Advance(ctx, tx, g, m, v.ID, "", s.MemberID, given, at); err != nil {
		return v, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO officer_moves (tenant_id, id, union_id, seat_id, state, target, own_consent, asked, reply_by, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`, g.Tenant(), v.ID, v.UnionID, v.SeatID, string(v.State), v.Target, v.OwnConsent, v.Asked, v.ReplyBy)
	if err == nil {
		err = m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "officer_moves", ID: v.ID})
	}
	if err == nil {
		err = tellSuperior(ctx, tx, g.Tenant(), u, auth.Director, "任期内调动待答复："+u.Name, fmt.Sprintf("%s%s拟调往%s，请在 %s 前答复。", s.Office.Label(), s.Name, v.Target, v.ReplyBy), v.Place(), at)
	}
	if err != nil {
		return v, err
	}
	return v, note(ctx, tx, g, m, u.ID, "提出"+s.Name+"（"+s.Office.Label()+"）任期内调动", given, at)
}

// holdSeat takes hold of the union of a seat and reads the seat then.
func holdSeat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (registry.Seat, registry.Union, error) {
	s, err := registry.FindSeat(ctx, tx, g, id)
	if err != nil {
		return s, registry.Union{}, err
	}
	u, err := registry.Hold(ctx, tx, g, s.UnionID)
	if err != nil {
		return s, u, err
	}
	s, err = registry.FindSeat(ctx, tx, g, id)
	return s, u, err
}

// AnswerMove takes g's step on a move. Consent is written on the seat, so that
// leaving it needs no more.
//
// law: ORG-25
func AnswerMove(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, at day.Instant) (Move, error) {
	x, err := FindMove(ctx, tx, g, id)
	if err != nil {
		return x, err
	}
	s, u, err := holdSeat(ctx, tx, g, x.SeatID)
	if err != nil {
		return x, err
	}
	if x, err = FindMove(ctx, tx, g, id); err != nil {
		return x, err
	}
	if version != 0 && version != x.Version {
		return x, fault.New(fault.Conflict, "这件调动刚刚已由他人答复，请刷新后再看。")
	}
	m := audit.Moves{}
	step, err := Moving.Advance(ctx, tx, g, m, x.ID, x.State, s.MemberID, v, at)
	if err != nil {
		return x, err
	}
	if err := settle(ctx, tx, g, m, x, s, step.To, v.Document, at); err != nil {
		return x, err
	}
	x.State, x.Decided, x.Document, x.Version = step.To, at.Day(), v.Document, x.Version+1
	words := fmt.Sprintf("%s（%s）任期内调动：%s。", x.Name, x.Office.Label(), Moving.Labels[x.State])
	if err := message.ToUnion(ctx, tx, g.Tenant(), u.ID, []auth.Office{auth.Chair}, "任期内调动已答复", words, x.Place(), at); err != nil {
		return x, err
	}
	return x, note(ctx, tx, g, m, u.ID, strings.TrimSuffix(words, "。"), v, at)
}

// settle moves the record on from where it was read.
func settle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, x Move, s registry.Seat, to Answer, document string, at day.Instant) error {
	n, err := tx.Exec(ctx, `UPDATE officer_moves SET state = $1, decided = $2, document = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND state = $6`,
		string(to), at.Day(), document, g.Tenant(), x.ID, string(x.State))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "这件调动刚刚已由他人答复，请刷新后再看。")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "officer_moves", ID: x.ID}); err != nil {
		return err
	}
	if to == Objected || s.To != "" {
		return nil
	}
	above := document
	if to == Silent {
		above = "逾期未答复，视为同意（" + string(x.ReplyBy) + "）"
	}
	return registry.Consented(ctx, tx, g, m, s, x.OwnConsent, above)
}

// Lapse ends the moves whose answer is overdue where silence is consent; it is
// done once a day.
//
// law: ORG-25
func Lapse(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
	l, err := boundsOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil || !l.Silence {
		return err
	}
	late, err := OpenMoves(ctx, tx, g)
	for _, x := range late { // a handful in a year
		if err != nil || !x.Late(at.Day()) {
			continue
		}
		var s registry.Seat
		if s, _, err = holdSeat(ctx, tx, g, x.SeatID); err != nil {
			continue
		}
		m := audit.Moves{}
		if err = Moving.Trace(ctx, tx, g, m, x.ID, Waiting, Silent, flow.Given{Words: "答复期限 " + string(x.ReplyBy) + " 已过"}, at); err == nil {
			err = settle(ctx, tx, g, m, x, s, Silent, "", at)
		}
		if err == nil {
			err = note(ctx, tx, g, m, x.UnionID, x.Name+"任期内调动：逾期未答复，视为同意", flow.Given{}, at)
		}
	}
	return err
}
