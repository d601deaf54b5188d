import FrameCapture
import Glibc
import WireModel

extension Problem {
    /// Why a camera gives no pictures, and what to do about it.
    package init(_ fault: CameraFault) {
        switch fault {
        case .noDevice:
            self.init(
                .cameraMissing, "There is no camera.", detail: "no node /dev/video* captures video",
                remedy: "Plug one in, and look with `lsusb` whether the machine sees it; a camera that was there may want another socket or cable.")
        case .notFound(let name, let present):
            self.init(
                .cameraMissing, "There is no camera of that name.", detail: present.isEmpty ? name : "\(name); there are \(present.joined(separator: ", "))",
                remedy: "Plug it in, or name another: `vultus-edge cameras` lists them.")
        case .ambiguous(let name, let candidates):
            self.init(
                .cameraUnsuitable, "Several cameras are called that.", detail: "\(name): \(candidates.joined(separator: ", "))",
                remedy: "Name one by its bus or by a link that `vultus-edge cameras` lists.")
        case .chosenTwice(let names, let path):
            self.init(
                .invalidRequest, "One camera cannot be watched twice by one agent.",
                detail: path.map { "\(names.joined(separator: " and ")): both are \($0)" } ?? "\(names.joined(separator: " and ")), named twice",
                remedy: "Name each camera once, or say `auto` as often as cameras are to be watched.")
        case .noPermission(let path, let group):
            let join: String =
                group.map { "Join the group \($0): as root, `usermod -aG \($0) USER`; then sign in again." } ?? "Run as a user who may read and write \(path)."
            self.init(
                .cameraNotPermitted, "This user may not open the camera.", detail: group.map { "\(path), which the group \($0) may" } ?? path, remedy: join)
        case .busy(let path, let holders):
            let who: String = holders.map { "\($0.name) (process \($0.process))" }.joined(separator: ", ")
            self.init(
                .cameraBusy, "Another program has the camera.", detail: who.isEmpty ? "\(path), a program of another user" : "\(path): \(who)",
                remedy: who.isEmpty ? "Ask as root who it is: `fuser -v \(path)`. End that program." : "End that program, or choose another camera.")
        case .noUsableFormat(let path, let offered, let wanted):
            let list: String = offered.isEmpty ? "no format at all" : Array(Set(offered.map(\.description))).sorted().joined(separator: ", ")
            self.init(
                .cameraUnsuitable, wanted == nil ? "The camera has no format that is read here." : "The camera does not have the format asked for.",
                detail: "\(path) offers \(list)\(wanted.map { "; wanted \($0.rawValue)" } ?? "")",
                remedy: wanted == nil ? "Use a camera with MJPG, YUYV, NV12 or GREY; most have one." : "Leave --format away, or choose one it offers.")
        case .noBandwidth(let path):
            self.init(
                .cameraFailed, "The bus has no room for the camera's stream.", detail: path,
                remedy: "Use another socket, on another bus (`lsusb -t`), without a hub; or --format mjpeg, a smaller --size, a lower --rate.")
        case .timedOut(let path, let seconds):
            self.init(
                .cameraFailed, "The camera gave no frame.", detail: "\(path), for \((seconds * 10).rounded() / 10) s",
                remedy: "Check its cable and power; plug it in again. If it stays, try a lower --rate or another --format.")
        case .disconnected(let path):
            self.init(
                .cameraMissing, "The camera is gone.", detail: path,
                remedy: "Plug it in again, at any socket. If nobody took it out, look into `dmesg`: cables and power are the usual cause.")
        case .noControl(let path, let name, let offered):
            self.init(
                .cameraUnsuitable, "The camera has no such control.", detail: "\(path): \(name); it has \(offered.joined(separator: ", "))",
                remedy: "Choose one that it has.")
        case .controlRefused(let path, let name, let value, let allowed):
            self.init(
                .cameraUnsuitable, "The camera does not take that value.", detail: "\(path): \(name)=\(value); allowed: \(allowed)",
                remedy: "Choose a value that is allowed; an exposure or focus by hand needs its automatic turned off before it.")
        case .driver(let path, let call, let code):
            self.init(
                .cameraFailed, "The camera's driver declined.", detail: "\(path): \(call): \(String(cString: strerror(code)))",
                remedy: "Plug the camera in again; if it stays, `dmesg` has the driver's reason.")
        }
    }
}
