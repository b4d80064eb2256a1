package bill

import "unionhall/kit/ui"

func (p EntryPage) formTitle() string {
	if p.File == nil {
		return "或者手工登记"
	}
	return "二、核对并登记"
}

func (p EntryPage) submit() string {
	if p.voucher.ID != "" {
		return "登记并关联"
	}
	return "登记"
}

func (p EntryPage) readTone() ui.Kind {
	if p.read.Number == "" {
		return ui.Warn
	}
	return ui.OK
}

// readWords says how much of the file could be read.
func (p EntryPage) readWords() string {
	switch {
	case p.read.Number == "":
		return "没有读出号码，请照着发票填写。"
	case p.read.Amount == 0 || p.read.Seller == "":
		return "只读出了一部分，请补齐后登记。"
	}
	return "请与发票核对，不对的直接改。"
}

// sum is an amount that was read, as a form shows it.
func (r Reading) sum() string {
	if r.Amount == 0 {
		return ""
	}
	return r.Amount.String()
}

func (p InvoicePage) noFile() string {
	if p.Paper {
		return "只有纸质发票，没有电子原件。"
	}
	return "还没有文件。先补传电子原件，才能入账。"
}

func (f File) tone() ui.Kind {
	if f.Form.Original() {
		return ui.OK
	}
	return ui.Warn
}
