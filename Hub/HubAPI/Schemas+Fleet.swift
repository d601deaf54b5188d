import HubDomain
import RecognitionAPI

/// Devices on their way in.
extension Schemas {
    static let fleet: [String: Schema] = [
        "WaitingDevice": .object([
            .required("id", .identifier), .required("fingerprint", .text(24...24), "of its key, to be compared with what the device shows"),
            .required("label", .text(1...100), "its own word, as all but the key is"), .required("model", .text(0...100)),
            .required("agentVersion", .text(0...40)), .required("address", .text(0...100)), .required("created", .time), .required("seen", .time),
            .optional("refused", .time), .optional("refusal", .text(0...200)),
        ]),
        "ApprovedDevice": .object([
            .required("id", .identifier), .required("account", .identifier), .required("label", .text(1...100)), .optional("group", .text(1...100)),
            .required("labels", .map(.text(0...100))),
        ]),
    ]
}
