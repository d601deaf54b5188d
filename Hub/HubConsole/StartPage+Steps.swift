import HubDomain
import WireModel

extension StartPage {
    init(_ reader: Reader) {
        let language: Language = reader.language
        variables = [
            ("VULTUS_URL", "where the hub is: https://hub.example", "平台地址：https://hub.example"),
            ("VULTUS_EMAIL", "a mailbox of yours", "您的电子邮箱"),
            ("VULTUS_PASSWORD", "a password that is hard to guess", "不易猜测的密码"),
            ("VULTUS_TOKEN", "after the first step, from the mail that you got: vmt_…", "第一步之后，取自收到的邮件：vmt_…"),
        ].map { VariableView(variable: $0.0, meaning: language.text($0.1, $0.2)) }
        let steps: [(String, (String, String), (String, String), [UInt8])] = [
            (
                "register", ("Register", "注册"),
                (
                    "Read the agreements in force and accept them by the hashes of their texts. The account is pending until its mailbox is proven.",
                    "请阅读现行协议，并以其文本哈希表示接受。邮箱确认前账户处于待激活状态。"
                ), PackageResources.start_register_sh
            ),
            (
                "verify", ("Prove the mailbox", "确认邮箱"),
                ("With the token from the mail.", "使用邮件中的令牌。"), PackageResources.start_verify_sh
            ),
            (
                "key", ("Make an application and a key", "创建应用与密钥"),
                (
                    "The application applies for an API; where no approval is needed it may call at once. The whole key is shown this once.",
                    "应用申请接口；无需审批的接口可立即调用。完整密钥仅显示这一次。"
                ), PackageResources.start_key_sh
            ),
            (
                "ask", ("Ask what a call would be told", "查询调用将得到的结果"),
                (
                    "It costs nothing. When something is missing, the answer names it and the next step.", "此查询不计费。如有缺失，应答会指出所缺与下一步。"
                ), PackageResources.start_ask_sh
            ),
            (
                "call", ("Call", "调用"), ("VULTUS_PICTURE is the path of a JPEG.", "VULTUS_PICTURE 为一张 JPEG 的路径。"), PackageResources.detect_sh
            ),
        ]
        self.steps = steps.map { id, title, about, code in
            Step(
                id: id, step: language.text(title.0, title.1), about: language.text(about.0, about.1), code: String(decoding: code, as: UTF8.self))
        }
        apis = APIName.all.map { PageFrame.Link(name: $0.title(in: language), address: reader.address(of: $0), isHere: false) }
    }
}
