package sheet

import (
	"errors"
	"fmt"

	"unionhall/kit/fault"
)

var (
	errLongCell = errors.New("cell too long")
	errTooMuch  = errors.New("unpacks to too much")
	errStop     = errors.New("enough rows read")

	errColumns = errors.New("too many columns")
	errRows    = errors.New("too many rows")
	errRowText = errors.New("a row too long")
	errQuote   = errors.New("a quote without its pair")
)

const saveAnew = "请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传"

// refuse is a fault about the file as a whole.
func refuse(name, format string, args ...any) error {
	return fault.New(fault.Invalid, "「%s」%s", name, fmt.Sprintf(format, args...))
}

// rowFault turns what stopped the reading at a row into a sentence.
func rowFault(name string, row int, limits Limits, err error) error {
	switch {
	case errors.Is(err, errColumns):
		return refuse(name, "第 %d 行超过了 %d 列。请删去右侧用不到的列，再重新上传", row, limits.Columns)
	case errors.Is(err, errRows):
		return refuse(name, "超过了 %d 行。请分成几个文件，再重新上传", limits.Rows)
	case errors.Is(err, errLongCell):
		return refuse(name, "第 %d 行有一个单元格的文字超过 3 万字。请检查后重新上传", row)
	case errors.Is(err, errRowText):
		return refuse(name, "第 %d 行的文字过长。请检查后重新上传", row)
	case errors.Is(err, errQuote):
		return refuse(name, "第 %d 行的引号没有成对，后面的内容都成了一格。请补上引号，或用 Excel、WPS 另存为 .xlsx 后上传", row)
	}
	return packageFault(name, err)
}
