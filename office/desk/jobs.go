package desk

import (
	"unionhall/kit/job"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

const jobRows = 30

// JobsQuery pages through the jobs.
type JobsQuery struct {
	After string `json:"after" doc:"上一页末项"`
	Limit int    `json:"limit" doc:"每页项数"`
}

// Jobs is a page of the jobs that the viewer began, the newest first.
type Jobs struct {
	Items []job.Job `json:"items"`
	Next  string    `json:"next,omitempty"`
}

func (d *Desk) jobs(r *web.Request, in JobsQuery) (Jobs, error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = jobRows
	}
	all, err := job.Mine(r.Ctx, r.Tx, r.Grant, in.After, in.Limit+1)
	out := Jobs{Items: all}
	if len(all) > in.Limit {
		out.Items = all[:in.Limit]
		out.Next = out.Items[in.Limit-1].ID
	}
	return out, err
}

func (j Jobs) next() string {
	if j.Next == "" {
		return ""
	}
	return "/jobs?after=" + j.Next
}

func (d *Desk) job(r *web.Request, in One) (job.Job, error) {
	return job.Find(r.Ctx, r.Tx, r.Grant, in.ID)
}

func (d *Desk) cancelJob(r *web.Request, in One) (job.Job, error) {
	return job.Cancel(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
}

func (d *Desk) retryJob(r *web.Request, in One) (job.Job, error) {
	return d.Runner.Retry(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
}

// tone of a job's state.
func tone(s job.State) ui.Kind {
	switch s {
	case job.Done:
		return ui.OK
	case job.Failed:
		return ui.Bad
	case job.Cancelled, job.Cancelling:
		return ui.Mute
	}
	return ui.Info
}

// work is a job as its progress is drawn.
func work(j job.Job) ui.Work {
	w := ui.Work{ID: "job", Title: j.Title, Done: j.Done, Total: j.Total, Words: words(j), State: tone(j.State), Whole: true}
	if !j.State.Ended() {
		w.Poll = j.Place()
	}
	if j.State == job.Done {
		w.Done = j.Total // the last step need not have been told
	}
	return w
}

func words(j job.Job) string {
	s := j.State.Label()
	if j.Note != "" {
		s += "：" + j.Note
	}
	if !j.State.Ended() {
		s += "。离开这一页也会继续。"
	}
	return s
}

// spent says when a job ran.
func spent(j job.Job) string {
	if j.Ended == "" {
		return j.Made.Local() + " 开始"
	}
	return j.Made.Local() + " 开始，" + j.Ended.Local() + " 结束"
}

func stoppable(j job.Job) bool { return j.State == job.Waiting || j.State == job.Running }

func redoable(j job.Job) bool { return j.State == job.Failed || j.State == job.Cancelled }
