import HubDomain

/// The words that the console's templates themselves say.
enum ConsoleWords {
    static func all(in language: Language) -> [String: String] { table.mapValues { language.text($0.english, $0.chinese) } }

    static let table: [String: (english: String, chinese: String)] = [
        "sections": ("Sections", "栏目"), "site": ("Site", "网站"), "signOut": ("Sign out", "退出登录"),
        "asOfNow": ("This is as of now; reload the page to see what is new.", "以下为当前状态；请刷新页面查看更新。"),
        "asTable": ("The same as a table", "以表格查看"),
    ]
}
