import HubDomain

/// The words that the templates themselves say.
enum Words {
    static func all(in language: Language) -> [String: String] { table.mapValues { language.text($0.english, $0.chinese) } }

    static let table: [String: (english: String, chinese: String)] = [
        // Every page
        "skip": ("Skip to the content", "跳到正文"),
        "documentation": ("Documentation", "文档"),
        "madeFromCatalogue": ("Made from the catalogue that this hub enforces,", "由本平台实际执行的目录生成，"),
        "catalogueJSON": ("the catalogue as JSON", "目录（JSON）"),
        "missing": ("There is no such page", "没有此页面"),
        "missingLead": ("Perhaps an API was renamed. All of them:", "接口可能已更名。全部接口见："),
        // Overview
        "indexLead": (
            "What this hub offers, what it costs and what it allows: as it is charged and enforced at this moment.",
            "本平台提供的接口及其价格与限额：与此刻实际计费和执行的规则一致。"
        ),
        "startHere": ("From nothing to a first call", "从零到第一次调用"),
        "apis": ("APIs", "接口"),
        "api": ("API", "接口"),
        "priceNow": ("Price now", "现行价格"),
        "freeAllowance": ("Free each month", "每月免费"),
        "trial": ("Trial", "试用"),
        "frequency": ("Frequency", "调用频率"),
        "approval": ("Approval", "审批"),
        "notPriced": ("Not on sale yet", "尚未开售"),
        // One API
        "onThisPage": ("On this page", "本页内容"),
        "closed": ("No applications are taken for this API at the moment.", "该接口目前不接受申请。"),
        "changesAhead": ("Changes are announced: see when and which.", "已公告变更：查看时间与内容。"),
        "priceAndTerms": ("Price and terms", "价格与条款"),
        "plan": ("Plan", "方案"),
        "unitsOfAMonth": ("Units of a month", "当月用量"),
        "pricePerUnit": ("Price per unit", "单价"),
        "planBeginsLater": ("This plan begins later: see the changes to come.", "该方案尚未生效，见待生效变更。"),
        "notPricedLong": ("This API has no price on the list yet: ask the operator.", "该接口尚无公开价格，请联系平台。"),
        "packs": ("Packs and more frequency", "资源包与频率包"),
        "pack": ("Product", "商品"),
        "gives": ("Gives", "内容"),
        "validFor": ("Lasts", "有效期"),
        "price": ("Price", "价格"),
        "agreements": ("Agreements that bind a call", "调用所受协议约束"),
        "agreementsLead": ("The first prevails over those after it; the law stands above them all.", "前者优先于后者；法律高于一切条款。"),
        "changes": ("Changes to come", "待生效变更"),
        "noChanges": ("None are announced.", "暂无公告的变更。"),
        "interface": ("Interface", "接口说明"),
        "interfaceLead": (
            "Send the key as “Authorization: Bearer vlt_…”. Bodies and answers are JSON in UTF-8 unless another form is named.",
            "以 “Authorization: Bearer vlt_…” 发送密钥。除另有说明外，请求与应答均为 UTF-8 编码的 JSON。"
        ),
        "management": ("What belongs to it and costs nothing", "相关的免费操作"),
        "managementLead": ("Open one to see what it takes and answers.", "展开查看参数与应答。"),
        "parameters": ("Parameters", "参数"),
        "name": ("Name", "名称"),
        "where": ("Where", "位置"),
        "type": ("Type", "类型"),
        "meaning": ("Meaning", "含义"),
        "requestBody": ("Body", "请求体"),
        "answer": ("Answer", "应答"),
        "noBody": ("No body.", "无内容。"),
        "types": ("Types", "类型"),
        "fields": ("Fields", "字段"),
        "field": ("Field", "字段"),
        "optional": ("optional", "可选"),
        "examples": ("Examples", "示例"),
        "examplesLead": (
            "Whole programs, run against a real hub in this project's tests. What is yours comes from the environment:",
            "均为完整程序，并在本项目的测试中对真实平台运行。您的参数取自环境变量："
        ),
        "headers": ("Headers", "标头"),
        "header": ("Header", "标头"),
        "errors": ("Errors", "错误"),
        "errorsLead": (
            "A refusal is application/problem+json (RFC 9457): go by its code, which stays; its sentences may be worded better one day. A declined call costs nothing.",
            "拒绝以 application/problem+json（RFC 9457）返回：请依据稳定的 code 处理，文字表述可能改进。被拒绝的调用不计费。"
        ),
        "allErrors": ("Every code", "全部错误码"),
        "code": ("Code", "错误码"),
        "whatToDo": ("What to do", "处理办法"),
        // Every code
        "codesLead": (
            "Every way Vultus can decline, by its stable code, on HTTP and at the command line alike. The members of a refusal:",
            "Vultus 的全部错误码，HTTP 与命令行通用且长期稳定。拒绝的结构："
        ),
        // An agreement
        "hashMeaning": ("Of the text: send it with your acceptance.", "文本的哈希，接受协议时一并发送。"),
        // Start
        "start": ("From nothing to a first call", "从零到第一次调用"),
        "startLead": (
            "An account, an application, a key and a call, with curl and jq. Each step has been run as it stands.",
            "使用 curl 与 jq 完成账户、应用、密钥与首次调用。每一步均已按原文运行验证。"
        ),
        "startNext": ("Then read what each API takes, answers and costs:", "接下来查看各接口的参数、应答与价格："),
    ]
}
