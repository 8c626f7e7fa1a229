//! Makes `cli/sample/companies.csv`: fictional companies with valid codes, the same ones every time.
//!
//! `cargo run --release -p yinxin-licence --example companies > cli/sample/companies.csv`

use std::collections::BTreeSet;

use yinxin_licence::code::credit_check_character;

/// Rows of the sample.
const ROWS: u32 = 200;

/// The first day of the sample's issuing run; no company is younger.
const LAST_YEAR: u32 = 2026;

#[allow(dead_code, reason = "a test includes this file for `generate`")]
fn main() {
    print!("{}", generate());
}

/// The whole file.
pub(crate) fn generate() -> String {
    let mut dice = Dice(0x5949_4E58_494E_0001);
    let mut taken = BTreeSet::new();
    let mut out = String::from(HEADER);
    for n in 1..=ROWS {
        let company = loop {
            let company = company(n, &mut dice);
            if taken.insert(company[1].clone()) && taken.insert(company[2].clone()) {
                break company;
            }
        };
        let quoted = company.map(|v| if v.contains(',') { format!("\"{v}\"") } else { v });
        out.push_str(&quoted.join(","));
        out.push('\n');
    }
    out
}

const HEADER: &str = "证照流水号,企业名称,统一社会信用代码,企业类型,法定代表人,注册资本（万元）,成立日期,营业期限自,营业期限至,住所,经营范围,核准日期\n";

fn company(n: u32, dice: &mut Dice) -> [String; 12] {
    let (division, district, streets) = dice.pick(DISTRICTS);
    let trade = dice.pick(TRADES);
    let kind = dice.weighted(KINDS);
    let suffix = if kind.starts_with("股份") { "股份有限公司" } else { "有限公司" };
    let mark = format!("{}{}{}", dice.pick(FIRST), dice.pick(SECOND), dice.pick(THIRD));
    let name = format!("杭州{mark}{}{suffix}", dice.pick(trade.names));
    let established = day(dice, 1998);
    let approved = loop {
        let day = day(dice, 2015);
        if day >= established {
            break day;
        }
        if established.0 >= LAST_YEAR {
            break established;
        }
    };
    let until = match dice.below(10) {
        0..=6 => "长期".to_owned(),
        7 => term(established, 20),
        _ => term(established, 30),
    };
    let capital = match dice.below(20) {
        0 => format!("{}.{}", 100 + dice.below(900), 5 + dice.below(90)),
        1 => format!("{}", 10_000 + 1000 * dice.below(60)),
        _ => dice.pick(CAPITALS).to_string(),
    };
    let capital = capital
        .strip_suffix('0')
        .filter(|c| c.contains('.'))
        .map_or(capital.clone(), str::to_owned);
    [
        format!("330100{LAST_YEAR}{n:06}"),
        name,
        credit_code(division, dice),
        kind.to_owned(),
        person(dice),
        capital,
        chinese(established),
        chinese(established),
        until,
        address(district, streets, dice),
        scope(&trade, dice),
        chinese(approved),
    ]
}

/// The last day of a term of so many years, or of 50 where that would end within ten: every sample licence is in force.
fn term(established: Day, years: u32) -> String {
    let years = if established.0 + years > LAST_YEAR + 10 { years } else { 50 };
    chinese(before((established.0 + years, established.1, established.2)))
}

/// 9 (commerce) 1 (company), division, organisation code of GB 11714, check character.
fn credit_code(division: &str, dice: &mut Dice) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut organisation = String::from("MA");
    organisation.push(char::from(dice.pick(b"2HJK")));
    for _ in 0..5 {
        organisation.push(char::from(dice.pick(ALPHABET)));
    }
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let value = |c: char| c.to_digit(36).expect("digits and capitals");
    let sum: u32 = organisation.chars().zip(weights).map(|(c, w)| value(c) * w).sum();
    organisation.push(match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        d => char::from_digit(d, 10).expect("below ten"),
    });
    let body = format!("91{division}{organisation}");
    let check = credit_check_character(&body).expect("17 characters of the alphabet");
    format!("{body}{check}")
}

fn person(dice: &mut Dice) -> String {
    let mut name = (dice.pick(SURNAMES)).to_owned();
    name.push_str(dice.pick(GIVEN));
    if dice.below(4) > 0 {
        name.push_str(dice.pick(GIVEN_SECOND));
    }
    name
}

fn address(district: &str, streets: &[&str], dice: &mut Dice) -> String {
    let mut out = format!("浙江省杭州市{district}{}{}号", dice.pick(streets), 1 + dice.below(998));
    match dice.below(3) {
        0 => out.push_str(&format!(
            "{}{}幢{}室",
            dice.pick(PARKS),
            1 + dice.below(12),
            101 + dice.below(25) * 100 + dice.below(16)
        )),
        1 => out.push_str(&format!("{}幢{}层", 1 + dice.below(9), 1 + dice.below(20))),
        _ => out.push_str(&format!("{}室", 101 + dice.below(20) * 100 + dice.below(12))),
    }
    out
}

fn scope(trade: &Trade, dice: &mut Dice) -> String {
    let mut items: Vec<&str> = Vec::new();
    for _ in 0..5 + dice.below(8) {
        let item = if dice.below(4) == 0 { dice.pick(COMMON) } else { dice.pick(trade.items) };
        if !items.contains(&item) {
            items.push(item);
        }
    }
    let mut out = format!(
        "一般项目：{}（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。",
        items.join("；")
    );
    if dice.below(3) == 0 {
        out.push_str(&format!(
            "许可项目：{}（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准）。",
            dice.pick(trade.permitted)
        ));
    }
    out
}

type Day = (u32, u32, u32);

/// A day, more often a late one.
fn day(dice: &mut Dice, first: u32) -> Day {
    let span = LAST_YEAR - first;
    let year = first + dice.below(span + 1).max(dice.below(span + 1));
    let last_month = if year == LAST_YEAR { 10 } else { 12 };
    (year, 1 + dice.below(last_month), 1 + dice.below(28))
}

/// The day before, among days up to the 28th.
fn before((year, month, day): Day) -> Day {
    match (month, day) {
        (1, 1) => (year - 1, 12, 31),
        (3, 1) => (year, 2, 28),
        (m, 1) => (year, m - 1, 30),
        (m, d) => (year, m, d - 1),
    }
}

fn chinese((year, month, day): Day) -> String {
    format!("{year}年{month:02}月{day:02}日")
}

/// SplitMix64: the same numbers everywhere, for ever.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u32) -> u32 {
        u32::try_from(self.next() % u64::from(n)).expect("below a u32")
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let n = u32::try_from(from.len()).expect("short lists");
        from[self.below(n) as usize]
    }

    fn weighted<'a>(&mut self, from: &[(u32, &'a str)]) -> &'a str {
        let mut at = self.below(from.iter().map(|(w, _)| w).sum());
        for (weight, what) in from {
            match at.checked_sub(*weight) {
                None => return what,
                Some(rest) => at = rest,
            }
        }
        from[0].1
    }
}

#[derive(Clone, Copy)]
struct Trade {
    names: &'static [&'static str],
    items: &'static [&'static str],
    permitted: &'static [&'static str],
}

const KINDS: &[(u32, &str)] = &[
    (52, "有限责任公司（自然人投资或控股）"),
    (26, "有限责任公司（自然人独资）"),
    (11, "有限责任公司（法人独资）"),
    (4, "有限责任公司（外商投资、非独资）"),
    (7, "股份有限公司（非上市、自然人投资或控股）"),
];

const CAPITALS: &[&str] = &[
    "10", "30", "50", "50", "100", "100", "100", "200", "200", "300", "500", "500", "800", "1000",
    "1000", "2000", "3000", "5000", "1,200", "1,008",
];

/// Division code, name, and streets that lie in it.
const DISTRICTS: &[(&str, &str, &[&str])] = &[
    ("330102", "上城区", &["望江东路", "清泰街", "庆春路", "九堡街道九盛路", "凯旋路"]),
    ("330105", "拱墅区", &["莫干山路", "东新路", "石祥路", "湖墅南路", "丽水路"]),
    ("330106", "西湖区", &["文三路", "西溪路", "古墩路", "天目山路", "转塘街道象山路"]),
    ("330108", "滨江区", &["江南大道", "滨盛路", "长河路", "浦沿街道东冠路", "物联网街"]),
    ("330109", "萧山区", &["市心北路", "通惠中路", "建设三路", "宁围街道利一路"]),
    ("330110", "余杭区", &["文一西路", "良睦路", "高教路", "五常大道", "仓前街道余杭塘路"]),
    ("330111", "富阳区", &["富春街道金桥北路", "银湖街道九龙大道", "恩波大道"]),
    ("330112", "临安区", &["锦城街道钱王大街", "青山湖街道大园路", "玲珑街道玲珑路"]),
    ("330113", "临平区", &["临平大道", "世纪大道", "星桥街道星桥北路", "兴国路"]),
    ("330114", "钱塘区", &["下沙街道金沙大道", "学源街", "义蓬街道江东大道", "白杨街道科技园路"]),
];

const PARKS: &[&str] = &[
    "智谷产业园",
    "云创大厦",
    "海创科技中心",
    "天目里商务楼",
    "数智港",
    "青创园",
    "恒锦中心",
    "运河汇",
    "湘湖金融小镇",
    "",
];

const FIRST: &[&str] = &[
    "云", "启", "瑞", "恒", "泽", "锦", "明", "嘉", "华", "安", "宏", "盛", "天", "鼎", "润", "宇",
    "卓", "景", "同", "德", "清", "星", "海", "翰", "博", "新", "致", "元", "和", "远",
];

const SECOND: &[&str] = &[
    "帆", "澜", "辰", "禾", "墨", "岚", "诚", "达", "信", "泰", "昌", "源", "丰", "越", "悦", "川",
    "峰", "翼", "舟", "谷", "霖", "序", "象", "格", "木",
];

const THIRD: &[&str] = &["", "", "", "", "", "邦", "汇"];

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "欧阳", "诸葛",
];

const GIVEN: &[&str] = &[
    "文", "晓", "建", "志", "丽", "国", "海", "春", "雨", "思", "嘉", "子", "永", "明", "秀", "婉",
    "俊", "若", "承", "宛", "立", "伟", "敏", "静",
];

const GIVEN_SECOND: &[&str] = &[
    "华", "东", "平", "芳", "涛", "琳", "军", "玲", "波", "燕", "成", "琴", "宁", "瑶", "斌", "洁",
    "飞", "萍", "轩", "怡", "刚", "雯", "远", "颖",
];

const COMMON: &[&str] = &[
    "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广",
    "货物进出口",
    "技术进出口",
    "信息咨询服务（不含许可类信息咨询服务）",
    "会议及展览服务",
    "市场营销策划",
    "企业管理咨询",
];

const TRADES: &[Trade] = &[
    Trade {
        names: &["信息技术", "软件", "数字科技", "网络科技", "智能科技", "数据服务"],
        items: &[
            "软件开发",
            "软件销售",
            "信息系统集成服务",
            "数据处理和存储支持服务",
            "互联网数据服务",
            "人工智能应用软件开发",
            "计算机软硬件及辅助设备零售",
            "信息技术咨询服务",
            "物联网技术研发",
            "网络与信息安全软件开发",
            "大数据服务",
            "集成电路设计",
            "区块链技术相关软件和服务",
        ],
        permitted: &["第二类增值电信业务", "互联网信息服务", "基础电信业务；第二类增值电信业务"],
    },
    Trade {
        names: &["机械制造", "精密机械", "自动化设备", "新材料", "电气", "新能源科技"],
        items: &[
            "通用设备制造（不含特种设备制造）",
            "机械零件、零部件加工",
            "机械设备销售",
            "工业自动控制系统装置制造",
            "电子专用材料研发",
            "模具制造",
            "光伏设备及元器件销售",
            "电池零配件销售",
            "金属制品研发",
            "高性能纤维及复合材料销售",
            "配电开关控制设备研发",
            "机械设备租赁",
        ],
        permitted: &["特种设备制造", "建设工程施工", "输电、供电、受电电力设施的安装、维修和试验"],
    },
    Trade {
        names: &["贸易", "进出口", "供应链管理", "电子商务", "商贸"],
        items: &[
            "国内贸易代理",
            "互联网销售（除销售需要许可的商品）",
            "服装服饰批发",
            "针纺织品销售",
            "日用百货销售",
            "家用电器销售",
            "办公用品销售",
            "供应链管理服务",
            "普通货物仓储服务（不含危险化学品等需许可审批的项目）",
            "国内货物运输代理",
            "化妆品零售",
            "五金产品批发",
            "食用农产品批发",
        ],
        permitted: &["食品销售", "道路货物运输（不含危险货物）", "酒类经营；食品互联网销售"],
    },
    Trade {
        names: &["餐饮管理", "食品", "茶业", "农业开发", "生态农业"],
        items: &[
            "餐饮管理",
            "食品销售（仅销售预包装食品）",
            "食品互联网销售（仅销售预包装食品）",
            "茶叶种植",
            "新鲜蔬菜零售",
            "新鲜水果批发",
            "花卉种植",
            "农业科学研究和试验发展",
            "农副产品销售",
            "外卖递送服务",
            "农产品的生产、销售、加工、运输、贮藏及其他相关服务",
            "休闲观光活动",
        ],
        permitted: &["餐饮服务", "食品生产；食品销售", "茶叶制品生产"],
    },
    Trade {
        names: &["文化传媒", "文化创意", "广告", "影视文化", "教育科技", "设计"],
        items: &[
            "广告设计、代理",
            "广告制作",
            "广告发布",
            "组织文化艺术交流活动",
            "平面设计",
            "专业设计服务",
            "图文设计制作",
            "数字内容制作服务（不含出版发行）",
            "摄影扩印服务",
            "文艺创作",
            "工艺美术品及礼仪用品销售（象牙及其制品除外）",
            "动漫游戏开发",
            "玩具销售",
        ],
        permitted: &["广播电视节目制作经营", "出版物零售", "演出经纪；营业性演出"],
    },
    Trade {
        names: &["建筑工程", "装饰工程", "环境科技", "园林绿化", "物业服务"],
        items: &[
            "园林绿化工程施工",
            "城市绿化管理",
            "住宅水电安装维护服务",
            "土石方工程施工",
            "建筑材料销售",
            "建筑装饰材料销售",
            "物业管理",
            "工程管理服务",
            "环境保护监测",
            "水污染治理",
            "固体废物治理",
            "城市公园管理",
            "家政服务",
            "专业保洁、清洗、消毒服务",
        ],
        permitted: &["建设工程施工", "建设工程设计", "住宅室内装饰装修；施工专业作业"],
    },
    Trade {
        names: &["医疗科技", "生物科技", "健康管理", "医药科技"],
        items: &[
            "医学研究和试验发展",
            "第一类医疗器械销售",
            "第二类医疗器械销售",
            "健康咨询服务（不含诊疗服务）",
            "养生保健服务（非医疗）",
            "细胞技术研发和应用",
            "生物基材料技术研发",
            "卫生用品和一次性使用医疗用品销售",
            "实验分析仪器销售",
            "远程健康管理服务",
            "保健食品（预包装）销售",
        ],
        permitted: &["第三类医疗器械经营", "药品批发", "药品零售；第三类医疗器械租赁"],
    },
];
