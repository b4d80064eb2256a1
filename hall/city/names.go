package city

import (
	"math/rand/v2"
	"strings"
)

// What the names of people are made of. Surnames stand as often as they are
// common; readings that trip programs up (单, 曾, 仇, 尉迟) are among them.
var surnames = strings.Fields(strings.Repeat("王 李 张 刘 陈 杨 赵 黄 周 吴 ", 6) + strings.Repeat("徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 ", 3) +
	"程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 单 仇 解 查 盖 区 翟 朴 欧阳 司马 上官 尉迟")

var (
	maleChars   = []rune("建国志强军伟海波涛鹏飞浩宇文斌辉明亮永立新东春生福龙山松振兴晓博超磊凯轩泽康平安邦成鸿瀚霖睿")
	femaleChars = []rune("丽娜静敏燕艳霞雪梅兰芳英秀玲红桂琴云怡佳思雅琪莹颖慧洁婷萍菊晓梓涵欣妍璐瑶卿月凤娟素珍")
	rareChars   = []rune("喆堃犇骉燚昇赟龑䶮𬭎𫖯𠮷㛃")
)

// minority are names with a dot, as some peoples write them.
var minority = []string{"阿布都·买买提", "买合木提·艾力", "古丽·阿不力孜", "阿依古丽·托合提", "巴特尔·斯琴", "艾克拜尔·吐尔逊"}

func personName(r *rand.Rand, female bool) string {
	if r.IntN(400) == 0 {
		return minority[r.IntN(len(minority))]
	}
	chars := maleChars
	if female {
		chars = femaleChars
	}
	given := string(chars[r.IntN(len(chars))])
	if r.IntN(100) < 82 {
		given += string(chars[r.IntN(len(chars))])
	}
	if r.IntN(300) == 0 {
		given = string(rareChars[r.IntN(len(rareChars))])
	}
	return surnames[r.IntN(len(surnames))] + given
}

// bureaus are the organs of the city; institutions the publicly funded units.
var bureaus = strings.Fields(`
	市委办公室 市人大常委会办公室 市政府办公室 市政协办公室 市纪委监委 市委组织部 市委宣传部 市委统战部 市委政法委 市委编办 市直机关工委 市委老干部局 市委党校 市档案馆 市总工会机关 团市委 市妇联 市科协 市工商联 市残联 市红十字会 市文联
	市发展和改革委员会 市教育局 市科学技术局 市工业和信息化局 市民族和宗教事务局 市公安局 市民政局 市司法局 市财政局 市人力资源和社会保障局 市自然资源局 市生态环境局 市住房和城乡建设局 市交通运输局 市水务局 市农业农村局 市商务局 市文化旅游和广播电视局 市卫生健康委员会 市退役军人事务局 市应急管理局 市审计局 市国有资产监督管理委员会 市市场监督管理局 市体育局 市统计局 市医疗保障局 市信访局 市营商环境建设局 市机关事务服务中心 市林业和草原局 市综合行政执法局 市中级人民法院 市人民检察院 市税务局 市海关 市气象局 市邮政管理局 市烟草专卖局 市消防救援支队 市大数据管理局 市乡村振兴局 市供销合作社 市住房公积金管理中心 市公共资源交易中心 民革市委 民盟市委 民建市委 民进市委 农工党市委 致公党市委 九三学社市委`)

var institutions = strings.Fields(`
	市图书馆 市博物馆 市群众艺术馆 市中心医院 市第一医院 市中医院 市妇幼保健院 市疾病预防控制中心 市中心血站 市急救中心 市第一中学 市第二中学 市实验中学 市实验小学 市特殊教育学校 市职业技术学院 市技师学院 市农业科学院 市水产研究所 市林业科学研究院 市环境监测中心站 市规划设计研究院 市城市建设档案馆 市公路管理处 市航道管理处 市水利勘测设计院 市质量检验检测中心 市食品药品检验所 市体育运动学校 市广播电视台 市日报社 市人才服务中心 市就业服务中心 市社会保险事业服务中心 市救助管理站 市儿童福利院 市殡仪服务中心 市不动产登记中心 市土地储备中心 市园林管理处 市环境卫生管理处 市政工程管理处 市供水服务中心 市青少年宫 市妇女儿童活动中心 市工人文化宫 市老年大学 市地震监测中心 市粮食质量监测站 市农业机械化服务中心 市动物疫病预防控制中心 市法律援助中心 市公证处 市彩票管理中心 市投资促进服务中心 市会展服务中心 市旅游发展服务中心 市考试院 市电化教育馆 市教师进修学院 市第三医院 市传染病医院 市口腔医院 市康复医院 市第三中学 市第四中学 市第五中学 市外国语学校 市第一幼儿园 市实验幼儿园 市水产技术推广站 市农业技术推广中心 市气象灾害防御中心 市排水服务中心 市城市规划展览馆 市文物保护中心 市歌舞团 市京剧团 市电影公司 市信息中心 市价格认证中心 市节能监察中心 市军队离退休干部服务中心 市军粮供应站 市烈士陵园管理处 市社区服务中心 市未成年人保护中心 市仲裁委员会秘书处`)

var villages = []rune("滨江振兴锦绣鸭绿元宝金山帽盔五龙凤城东港宽甸镇安永昌福春")
