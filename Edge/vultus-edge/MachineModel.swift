import FoundationEssentials

/// What this machine says it is.
enum MachineModel {
    /// Devicetree on boards (the specification's `model` property, ended by a zero), SMBIOS on PCs; empty where neither says anything.
    private static let files: [String] = ["/proc/device-tree/model", "/sys/class/dmi/id/product_name"]

    static var name: String {
        for file in files {
            guard let content = try? Data(contentsOf: URL(filePath: file)) else { continue }
            let text: String = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self).filter { !$0.isNewline }
            if !text.isEmpty { return String(text.prefix(100)) }
        }
        return ""
    }
}
