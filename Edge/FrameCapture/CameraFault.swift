/// Why a camera gives no pictures.
package enum CameraFault: Error, Hashable, Sendable {
    /// There is no camera at all.
    case noDevice
    /// None is called that; `present` are those there are.
    case notFound(name: String, present: [String])
    /// Several are called that.
    case ambiguous(name: String, candidates: [String])
    /// It is to be watched twice by one agent, under one name or several; `path` where it is there.
    case chosenTwice(names: [String], path: String?)
    /// The user may not open it; `group` is the one whose members may.
    case noPermission(path: String, group: String?)
    /// Another program has it.
    case busy(path: String, holders: [DeviceHolder])
    /// Nothing it offers is read here, or not the one asked for.
    case noUsableFormat(path: String, offered: [FourCC], wanted: CaptureFormat?)
    /// The bus has no room for the stream.
    case noBandwidth(path: String)
    /// No frame came for so long.
    case timedOut(path: String, seconds: Double)
    /// It is gone: unplugged, or its driver reset it.
    case disconnected(path: String)
    case noControl(path: String, name: String, offered: [String])
    case controlRefused(path: String, name: String, value: String, allowed: String)
    /// The driver declined a call.
    case driver(path: String, call: String, errno: CInt)

    /// Whether the same camera may do by itself, later.
    package var isPassing: Bool {
        switch self {
        case .noControl, .controlRefused, .noUsableFormat, .ambiguous, .chosenTwice: false
        default: true
        }
    }
}
