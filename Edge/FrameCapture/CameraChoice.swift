/// Which camera is meant.
package enum CameraChoice: Hashable, Sendable, CustomStringConvertible {
    /// The first that nobody else of this agent watches.
    case automatic
    /// A node, a link to it, a bus path, a serial number or a label.
    case named(String)

    package init(_ text: String) { self = text == "auto" ? .automatic : .named(text) }

    package var description: String {
        switch self {
        case .automatic: "auto"
        case .named(let name): name
        }
    }

    /// Names for cameras that are watched side by side, each its own: `auto` may be meant several times, and is `auto 2` the second.
    /// - Throws: `.chosenTwice` for anything else that is named twice.
    package static func names(_ choices: [CameraChoice]) throws(CameraFault) -> [String] {
        var counts: [CameraChoice: Int] = [:]
        var names: [String] = []
        for choice in choices {
            counts[choice, default: 0] += 1
            guard let count = counts[choice], count > 1 else {
                names.append(choice.description)
                continue
            }
            guard choice == .automatic else { throw .chosenTwice(names: [choice.description], path: nil) }
            names.append("\(choice) \(count)")
        }
        return names
    }

    /// - Parameters:
    ///   - cameras: those there are.
    ///   - taken: nodes that this agent watches already.
    /// - Throws: `.noDevice`, `.notFound`, `.ambiguous`.
    package func find(in cameras: [CameraDevice], taken: Set<String> = []) throws(CameraFault) -> CameraDevice {
        guard !cameras.isEmpty else { throw .noDevice }
        switch self {
        case .automatic:
            let free: [CameraDevice] = cameras.filter { !taken.contains($0.path) }
            // A camera whose formats are not read here is only taken when there is no other.
            guard let camera = free.first(where: { $0.formats.contains { CaptureFormat($0.code) != nil } }) ?? free.first else { throw .noDevice }
            return camera
        case .named(let name):
            let found: [CameraDevice] = cameras.filter { camera in
                camera.path == name || camera.bus == name || camera.serial == name || camera.card == name
                    || camera.links.contains { $0 == name || $0.hasSuffix("/" + name) }
            }
            guard let camera = found.first else { throw .notFound(name: name, present: cameras.map { "\($0.path) (\($0.card))" }) }
            guard found.count == 1 else { throw .ambiguous(name: name, candidates: found.map { "\($0.path) (\($0.bus))" }) }
            return camera
        }
    }
}

/// What a camera is known by when it comes back.
package struct CameraIdentity: Hashable, Sendable {
    private let bus: String
    private let serial: String?
    private let card: String

    package init(_ camera: CameraDevice) {
        (bus, serial, card) = (camera.bus, camera.serial, camera.card)
    }

    /// The same camera among those there are now: by its serial number where that is told apart, by its socket, and by its
    /// model when only one of that model is there. A serial number may be the maker's same one for all.
    /// - Parameter taken: nodes that this agent watches already.
    package func find(in cameras: [CameraDevice], taken: Set<String> = []) -> CameraDevice? {
        let alike: [CameraDevice] = cameras.filter { !taken.contains($0.path) && $0.card == card }
        if let serial, alike.filter({ $0.serial == serial }).count == 1 { return alike.first { $0.serial == serial } }
        if let camera = alike.first(where: { $0.bus == bus }) { return camera }
        return alike.count == 1 ? alike[0] : nil
    }
}
