import FrameCapture
import Glibc
import WireModel

extension Problem {
    /// A file or stream that gave no picture.
    package init(_ fault: SourceFault, name: String) {
        switch fault {
        case .missing:
            self.init(.fileUnreadable, "There is no such file.", detail: name, remedy: "Check the path.")
        case .notAFile:
            self.init(.fileUnreadable, "That is not a file.", detail: name, remedy: "Name a picture, or a folder of pictures.")
        case .tooLarge(let bytes, let limit):
            self.init(.imageTooLarge, "The picture has too many bytes.", detail: "\(name): \(bytes), at most \(limit)", remedy: "Make it smaller.")
        case .system(let code):
            self.init(.fileUnreadable, "The file cannot be read.", detail: "\(name): \(String(cString: strerror(code)))", remedy: "Check its permissions.")
        case .notAStream:
            self.init(.imageTruncated, "The stream ended without a whole JPEG.", detail: name, remedy: "Send one JPEG after another (motion JPEG).")
        }
    }
}
