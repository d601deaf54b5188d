import PresentationAttack
import WireModel

extension Problem {
    package init(_ error: PresentationModelError) {
        switch error {
        case .unreadable(let file, let message):
            self.init(
                .fileUnreadable, "The presentation-attack model cannot be read.", detail: "\(file): \(message)",
                remedy: "Check the path, and that the model lies beside its manifest.")
        case .badManifest(let file, let message):
            self.init(
                .invalidRequest, "The manifest of the presentation-attack model cannot be followed.", detail: "\(file): \(message)",
                remedy: "Write it as Shared/README.md shows (\"A network of your own\").")
        case .altered(let file, let expected, let found):
            self.init(
                .modelsAltered, "The presentation-attack model is not the one its manifest names.", detail: "\(file): sha256 \(found), not \(expected)",
                remedy: "Put the right file in place, or write its `sha256` into the manifest if you trust it.")
        case .noEngine(let message):
            self.init(
                .engineUnavailable, "ONNX Runtime is not there to run the presentation-attack model.", detail: message,
                remedy: "Run deploy/setup, which installs it with the models.")
        case .refused(let file, let message):
            self.init(
                .engineUnavailable, "ONNX Runtime does not load the presentation-attack model.", detail: "\(file): \(message)",
                remedy: "Give a float32 ONNX model of an opset that ONNX Runtime knows.")
        case .doesNotFit(let file, let message):
            self.init(
                .invalidRequest, "The presentation-attack model does not take or give what its manifest says.", detail: "\(file): \(message)",
                remedy: "Correct `input`, `output`, `width`, `height`, `classes` or `activation` in the manifest.")
        case .failed(let message):
            self.init(
                .engineUnavailable, "The presentation-attack model failed on a face.", detail: message,
                remedy: "Such faces are undetermined, not matched; see `vultus-edge doctor`.")
        }
    }
}
