package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// Leaving is the end of a seat as an officer writes it down.
type Leaving struct {
	To         day.Day `json:"to" doc:"离任日期"`
	Ending     Ending  `json:"how_ended" doc:"离任方式"`
	Document   string  `json:"document" doc:"文号"`
	OwnConsent string  `json:"own_consent" doc:"本级委员会的同意意见"`
	Consent    string  `json:"above_consent" doc:"上一级工会的同意意见"`
	Voters     int64   `json:"voters" doc:"全体会员（代表）人数"` // of a removal (ELE-62)
	VotesFor   int64   `json:"votes_for" doc:"赞成罢免的票数"`
}

// Vacate ends an open seat. Moving a chair or vice-chair before the term ends
// without both consents is written down and flagged (Seat.Flagged), not
// refused; consents given beforehand (see package term) stay. A removal needs
// more than half of all members or delegates.
//
// law: ORG-25, ORG-28, ELE-62
func Vacate(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, in Leaving, at day.Instant) (Seat, error) {
	s, err := holdSeat(ctx, tx, g, id, version)
	if err != nil {
		return s, err
	}
	if s.To != "" {
		return s, fault.New(fault.Conflict, "%s已于 %s 离任。", s.Name, s.To)
	}
	fields := map[string]string{}
	if !slices.Contains(Endings, in.Ending) {
		fields["how_ended"] = "离任方式：请选择一种"
	}
	if in.To == "" || in.To > at.Day() || in.To < s.From {
		fields["to"] = fmt.Sprintf("离任日期：应在 %s 到今天之间", s.From)
	}
	if in.Ending == Removed && strings.TrimSpace(in.Document) == "" {
		fields["document"] = "文号：罢免须经会员大会或会员代表大会，请填写决议的文号"
	}
	tooLong(fields, "document", "文号", in.Document, longName)
	tooLong(fields, "own_consent", "本级委员会的同意意见", in.OwnConsent, longName)
	tooLong(fields, "above_consent", "上一级工会的同意意见", in.Consent, longName)
	if len(fields) > 0 {
		return s, &fault.Error{Kind: fault.Invalid, Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
	}
	if in.Ending == Removed {
		if err := removable(ctx, tx, g, s, in); err != nil {
			return s, err
		}
		s.Voters, s.VotesFor = in.Voters, in.VotesFor
	}
	s.To, s.Ending, s.EndDoc = in.To, in.Ending, strings.TrimSpace(in.Document)
	s.OwnConsent, s.Consent = orElse(in.OwnConsent, s.OwnConsent), orElse(in.Consent, s.Consent)
	m := audit.Moves{}
	if err := updateSeat(ctx, tx, g, m, s); err != nil {
		return s, err
	}
	s.Version++
	d := Deed{Act: "vacated", Day: s.To, Document: s.EndDoc, Was: s.Name + "任" + s.Body.Label() + ordinal(s.Nth) + s.Office.Label(), Now: s.Ending.Label()}
	if s.Ending == Removed {
		d.Reason = s.count()
	}
	return s, m.Write(ctx, tx, g, s.UnionID, d, at)
}

// removable judges the vote on a removal from the committee. Other bodies are
// not elected by the meeting, and name no count.
func removable(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s Seat, in Leaving) error {
	if s.Body != Committee && in.Voters == 0 && in.VotesFor == 0 {
		return nil
	}
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	win, err := book.Ratio("removal.win", law.PlaceOf(g.Tenant()), in.To)
	if errors.Is(err, law.ErrNoValue) {
		return nil
	} else if err != nil {
		return err
	}
	return Removes(in.Voters, in.VotesFor, win)
}

// count is the vote on a removal as the record tells it.
func (s Seat) count() string {
	if s.Voters == 0 {
		return ""
	}
	return fmt.Sprintf("全体 %d 人，赞成罢免 %d 票", s.Voters, s.VotesFor)
}

func orElse(text, other string) string {
	if text = strings.TrimSpace(text); text == "" {
		return other
	}
	return text
}

// holdSeat takes hold of the union of a seat and reads the seat, on the
// version that was seen.
func holdSeat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64) (Seat, error) {
	s, err := FindSeat(ctx, tx, g, id)
	if err != nil {
		return s, err
	}
	if _, err := tx.Exec(ctx, `UPDATE unions SET version = version WHERE tenant_id = $1 AND id = $2`, g.Tenant(), s.UnionID); err != nil {
		return s, err
	}
	if s, err = FindSeat(ctx, tx, g, id); err == nil && s.Version != version {
		err = stale(ctx, tx, g, s.UnionID, s.Name+"的任职")
	}
	return s, err
}

// Consent adds to a move that was flagged the consents that were missing.
//
// law: ORG-25
func Consent(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, own, above string, at day.Instant) (Seat, error) {
	s, err := holdSeat(ctx, tx, g, id, version)
	if err != nil {
		return s, err
	}
	if !s.Flagged() {
		return s, fault.New(fault.Conflict, "%s的离任不需要补登同意意见。", s.Name)
	}
	own, above = strings.TrimSpace(own), strings.TrimSpace(above)
	fields := map[string]string{}
	tooLong(fields, "own_consent", "本级委员会的同意意见", own, longName)
	tooLong(fields, "above_consent", "上一级工会的同意意见", above, longName)
	if own == "" && above == "" {
		fields["own_consent"] = "同意意见：请填写会议日期或文号"
	}
	if len(fields) > 0 {
		return s, &fault.Error{Kind: fault.Invalid, Rule: "ORG-25", Text: "请填写同意意见的日期或文号。", Fields: fields}
	}
	if s.OwnConsent == "" {
		s.OwnConsent = own
	}
	if s.Consent == "" {
		s.Consent = above
	}
	m := audit.Moves{}
	if err := updateSeat(ctx, tx, g, m, s); err != nil {
		return s, err
	}
	s.Version++
	return s, m.Write(ctx, tx, g, s.UnionID, Deed{Act: "consented", Now: s.Name + "离任的同意意见", Document: strings.TrimSpace(own + " " + above)}, at)
}
