//! What the sample says: names of products, channels, tasks, demands and risks, each in both languages.

use super::super::Words;

/// Both languages of one text.
pub(super) const fn w(zh: &'static str, en: &'static str) -> Words {
    Words { zh, en }
}

/// A product of the sample.
pub(super) struct Product {
    pub(super) name: Words,
    /// Index into [`CATEGORIES`].
    pub(super) category: usize,
    /// Yuan.
    pub(super) price: f64,
}

const fn product(category: usize, price: f64, zh: &'static str, en: &'static str) -> Product {
    Product { name: w(zh, en), category, price }
}

/// Options of the field of categories.
pub(super) const CATEGORIES: [Words; 6] = [
    w("美妆", "Beauty"),
    w("个护", "Care"),
    w("食品", "Food"),
    w("家居", "Home"),
    w("数码", "Electronics"),
    w("服饰", "Fashion"),
];

/// Products, those that sell best first.
pub(super) const PRODUCTS: [Product; 40] = [
    product(0, 399.0, "玻尿酸保湿精华 50ml", "Hyaluronic serum 50 ml"),
    product(4, 899.0, "降噪蓝牙耳机 Pro", "Noise-canceling earbuds Pro"),
    product(1, 129.0, "氨基酸洗发水套装", "Amino acid shampoo set"),
    product(2, 168.0, "每日坚果礼盒 30 包", "Daily nuts gift box of 30"),
    product(3, 1299.0, "无线手持吸尘器 V8", "Cordless vacuum V8"),
    product(0, 269.0, "清透防晒霜 SPF50+", "Sheer sunscreen SPF 50+"),
    product(5, 299.0, "轻薄羽绒马甲", "Light down vest"),
    product(4, 1699.0, "智能手表 S3", "Smart watch S3"),
    product(2, 99.0, "挂耳咖啡 40 片装", "Drip coffee bags of 40"),
    product(1, 499.0, "声波电动牙刷", "Sonic toothbrush"),
    product(0, 329.0, "修护眼霜 20g", "Repair eye cream 20 g"),
    product(3, 599.0, "天然乳胶枕两只装", "Latex pillows, two"),
    product(2, 138.0, "阳澄湖大闸蟹礼券", "Hairy crab voucher"),
    product(5, 459.0, "防风软壳外套", "Softshell jacket"),
    product(4, 249.0, "氮化镓快充套装 65W", "GaN charger set 65 W"),
    product(1, 79.0, "香氛沐浴露 1L", "Scented body wash 1 l"),
    product(0, 189.0, "丝绒哑光口红", "Velvet matte lipstick"),
    product(3, 359.0, "四件套床品 1.8m", "Bedding set 1.8 m"),
    product(2, 59.9, "黑芝麻丸 30 粒", "Black sesame balls of 30"),
    product(5, 199.0, "纯棉圆领 T 恤三件装", "Cotton T-shirts, three"),
    product(4, 2299.0, "扫拖一体机器人", "Robot vacuum and mop"),
    product(1, 219.0, "高速负离子吹风机", "Ionic hair dryer"),
    product(0, 459.0, "抗皱紧致面霜", "Firming face cream"),
    product(3, 149.0, "不粘煎锅 28cm", "Non-stick pan 28 cm"),
    product(2, 228.0, "有机纯牛奶 24 盒", "Organic milk, 24 packs"),
    product(5, 329.0, "轻跑运动鞋", "Light running shoes"),
    product(4, 399.0, "便携投影支架套装", "Projector stand set"),
    product(1, 69.0, "云柔抽纸 24 包", "Soft tissues, 24 packs"),
    product(0, 99.0, "氨基酸洁面乳", "Amino acid cleanser"),
    product(3, 269.0, "香薰加湿器", "Aroma humidifier"),
    product(2, 118.0, "手工牛轧糖礼盒", "Nougat gift box"),
    product(5, 129.0, "羊毛混纺围巾", "Wool blend scarf"),
    product(4, 159.0, "机械键盘键帽套装", "Keycap set"),
    product(1, 159.0, "男士理容套装", "Men's grooming set"),
    product(0, 239.0, "氛围眼影盘 12 色", "Eyeshadow palette, 12 shades"),
    product(3, 89.0, "真空收纳袋 10 件", "Vacuum bags of 10"),
    product(2, 199.0, "明前龙井 100g", "Longjing tea 100 g"),
    product(5, 269.0, "高腰直筒牛仔裤", "High-waist jeans"),
    product(4, 599.0, "电子墨水阅读器", "E-ink reader"),
    product(3, 429.0, "人体工学坐垫", "Ergonomic seat cushion"),
];

/// A channel of the sample and how it sells.
pub(super) struct Channel {
    pub(super) name: Words,
    pub(super) kind: Words,
    /// Of all sales.
    pub(super) share: f64,
    /// Clicks for each impression.
    pub(super) ctr: f64,
    /// Orders for each click.
    pub(super) cvr: f64,
    /// GMV for each yuan of cost.
    pub(super) roi: f64,
}

const MARKETPLACE: Words = w("货架电商", "Marketplace");
const CONTENT: Words = w("内容电商", "Content");
const OWN: Words = w("私域", "Own channels");

const fn channel(name: Words, kind: Words, share: f64, ctr: f64, cvr: f64, roi: f64) -> Channel {
    Channel { name, kind, share, ctr, cvr, roi }
}

/// Channels, the largest first.
pub(super) const CHANNELS: [Channel; 7] = [
    channel(w("天猫", "Tmall"), MARKETPLACE, 0.30, 0.040, 0.032, 4.6),
    channel(w("京东", "JD"), MARKETPLACE, 0.20, 0.038, 0.036, 5.1),
    channel(w("抖音", "Douyin"), CONTENT, 0.19, 0.026, 0.018, 2.9),
    channel(w("拼多多", "Pinduoduo"), MARKETPLACE, 0.12, 0.034, 0.029, 4.2),
    channel(w("小红书", "Xiaohongshu"), CONTENT, 0.08, 0.052, 0.011, 2.3),
    channel(w("快手", "Kuaishou"), CONTENT, 0.06, 0.024, 0.016, 3.0),
    channel(w("私域小程序", "Mini program"), OWN, 0.05, 0.090, 0.065, 11.0),
];

/// Kinds of tasks; the options of the field.
pub(super) const KINDS: [Words; 7] = [
    w("策划", "Planning"),
    w("设计", "Design"),
    w("内容", "Content"),
    w("投放", "Ads"),
    w("供应链", "Supply"),
    w("客服", "Service"),
    w("技术", "Tech"),
];

/// Tasks that follow one another: each step is its kind (an index into [`KINDS`]) and its title, in which `{}` is
/// what the chain is about.
pub(super) struct Chain {
    pub(super) about: About,
    pub(super) steps: &'static [(usize, Words)],
}

/// What a chain of tasks is repeated for.
pub(super) enum About {
    /// Once for a campaign.
    Campaign,
    /// For each channel.
    Channels,
    /// For each category of products.
    Categories,
}

/// How a campaign is prepared and run. The first chain comes before all others.
pub(super) const CHAINS: [Chain; 9] = [
    Chain {
        about: About::Campaign,
        steps: &[
            (0, w("活动目标拆解", "Break down targets")),
            (0, w("预算测算与评审", "Plan and review the budget")),
            (0, w("活动玩法方案", "Design the offers")),
            (0, w("活动节奏排期", "Plan the calendar")),
            (0, w("选品与定价确认", "Confirm products and prices")),
            (0, w("方案终审", "Final approval of the plan")),
        ],
    },
    Chain {
        about: About::Campaign,
        steps: &[
            (6, w("优惠券与满减配置", "Set up coupons and discounts")),
            (6, w("会场页面联调", "Connect the landing pages")),
            (6, w("支付链路压测", "Load test the checkout")),
            (6, w("实时数据看板", "Live dashboards")),
            (6, w("活动页面上线", "Pages go live")),
        ],
    },
    Chain {
        about: About::Channels,
        steps: &[
            (1, w("{}会场视觉设计", "{}: key visuals")),
            (1, w("{}主图与详情页更新", "{}: update product pages")),
            (3, w("{}投放计划", "{}: ad plan")),
            (3, w("{}投放素材上线", "{}: ads go live")),
        ],
    },
    Chain {
        about: About::Categories,
        steps: &[
            (4, w("{}备货计划", "{}: stock plan")),
            (4, w("{}采购入仓", "{}: purchase and store")),
            (4, w("{}质检抽查", "{}: quality checks")),
        ],
    },
    Chain {
        about: About::Campaign,
        steps: &[
            (5, w("客服话术更新", "Update service scripts")),
            (5, w("客服排班与培训", "Service shifts and training")),
            (5, w("售后与退换预案", "Plan for returns")),
        ],
    },
    Chain {
        about: About::Campaign,
        steps: &[
            (2, w("主播与达人名单确认", "Choose hosts and creators")),
            (2, w("直播脚本与货盘", "Live scripts and line-up")),
            (2, w("直播间搭建与彩排", "Studio and rehearsal")),
            (2, w("首场直播", "First live show")),
        ],
    },
    Chain {
        about: About::Campaign,
        steps: &[
            (6, w("高峰值守排班", "On-call plan for the peak")),
            (4, w("物流爆仓预案", "Plan for a full warehouse")),
            (6, w("高峰日值守", "On call on the peak day")),
        ],
    },
    Chain {
        about: About::Campaign,
        steps: &[
            (0, w("数据整理与归因", "Collect and attribute figures")),
            (0, w("复盘报告", "Write the review")),
            (0, w("复盘会", "Review meeting")),
        ],
    },
    Chain {
        about: About::Channels,
        steps: &[
            (2, w("{}种草内容排期", "{}: content calendar")),
            (3, w("{}出价与预算调优", "{}: tune bids and budget")),
        ],
    },
];

/// Teams that ask for things; the options of the field.
pub(super) const TEAMS: [Words; 6] = [
    w("运营", "Operations"),
    w("设计", "Design"),
    w("品牌", "Brand"),
    w("供应链", "Supply"),
    w("客服", "Service"),
    w("技术", "Tech"),
];

/// Demands: which team, and what.
pub(super) const DEMANDS: [(usize, Words); 30] = [
    (0, w("首页增加倒计时组件", "Countdown on the home page")),
    (0, w("满减叠加会员折扣", "Stack member discounts on coupons")),
    (2, w("品牌故事短片投放", "Run the brand film as an ad")),
    (3, w("爆款预售锁定库存", "Reserve stock for presales")),
    (4, w("大促期间延长人工客服", "Longer service hours during the sale")),
    (5, w("下单接口限流与降级", "Rate limits for the order service")),
    (0, w("直播间专属优惠券", "Coupons for the live room")),
    (1, w("会场统一视觉规范", "One style guide for all pages")),
    (0, w("老客召回短信", "Text messages for returning customers")),
    (3, w("礼盒装更换包材", "New packaging for gift boxes")),
    (2, w("联名款首发预热", "Teasers for the joint edition")),
    (4, w("退换货自助入口", "Self-service returns")),
    (5, w("实时战报大屏", "Wall screen with live figures")),
    (0, w("加购人群再营销", "Remarket to full carts")),
    (0, w("抖音本地生活券包", "Local vouchers on Douyin")),
    (1, w("详情页首屏 A/B 测试", "A/B test of product pages")),
    (3, w("增加华南前置仓", "A warehouse in the south")),
    (0, w("新客首单立减", "Discount on the first order")),
    (2, w("小红书达人合作", "Creators on Xiaohongshu")),
    (4, w("高频问题自动回复", "Automatic answers to frequent questions")),
    (0, w("分会场增加榜单", "Rankings on category pages")),
    (5, w("埋点校验工具", "A checker for tracking")),
    (0, w("私域社群专场", "A sale for our own groups")),
    (1, w("主图增加活动角标", "Badges on product images")),
    (3, w("临期品清仓专区", "A corner for short-dated goods")),
    (2, w("户外广告投放", "Outdoor ads")),
    (0, w("拼多多百亿补贴报名", "Join Pinduoduo's subsidies")),
    (4, w("价保规则说明页", "A page about the price promise")),
    (0, w("京东 PLUS 会员价", "JD PLUS prices")),
    (5, w("对账数据自动导出", "Export the accounts by itself")),
];

/// Risks: level (0 high), status (0 open … 3 closed), what, and what is done about it.
pub(super) const RISKS: [(usize, usize, Words, Words); 12] = [
    (
        0,
        1,
        w("爆款库存不足,可能提前售罄", "Best sellers may run out"),
        w("追加 30% 采购,开启预售分批发货", "Buy 30 % more, ship presales in batches"),
    ),
    (
        0,
        0,
        w("高峰下单接口响应变慢", "The order service slows at the peak"),
        w("扩容并启用限流,压测至 3 倍峰值", "Scale out, limit rates, test at three times the peak"),
    ),
    (
        1,
        1,
        w("抖音投放 ROI 低于预期", "ROI on Douyin below plan"),
        w("暂停低效素材,预算转向直播", "Stop weak ads, move the budget to live shows"),
    ),
    (
        1,
        0,
        w("部分主图未通过平台审核", "Some images were not approved"),
        w("按最新规范重做并提前一周送审", "Redo them by the new rules, a week ahead"),
    ),
    (
        2,
        2,
        w("礼盒包材到货延迟", "Gift box packaging comes late"),
        w("启用备用供应商", "Use the second supplier"),
    ),
    (
        0,
        2,
        w("物流在高峰后两天可能爆仓", "Warehouses may be full after the peak"),
        w("启用华南前置仓,错峰发货", "Use the southern warehouse, spread shipping"),
    ),
    (
        1,
        3,
        w("优惠叠加规则有漏洞", "Coupons can be stacked too far"),
        w("限制每单叠加一张,已上线校验", "One for each order; the check is live"),
    ),
    (
        2,
        1,
        w("客服人手在夜间不足", "Too few in service at night"),
        w("增加夜班并开启自动回复", "More night shifts, automatic answers"),
    ),
    (1, 0, w("达人档期冲突", "Creators are double-booked"), w("确认备选达人名单", "Agree on a second list")),
    (
        2,
        3,
        w("埋点数据与后台不一致", "Tracking differs from the books"),
        w("核对口径,统一以订单为准", "Compare, and count orders alone"),
    ),
    (
        0,
        0,
        w("竞品提前开售并降价", "A rival starts early and cheaper"),
        w("每日比价,预留价格权限", "Compare daily, keep room for prices"),
    ),
    (
        2,
        2,
        w("私域触达频次过高引起退群", "Too many messages to our groups"),
        w("每人每周不超过三条", "Three a week at most"),
    ),
];

/// Milestones of a campaign.
pub(super) const MILESTONES: [Words; 5] = [
    w("方案定稿", "Plan agreed"),
    w("素材与货品就绪", "Everything ready"),
    w("活动开售", "Sale opens"),
    w("高峰日", "Peak day"),
    w("复盘完成", "Review done"),
];
