import Biometrics
import FacePipeline
import Glibc
import WireModel

extension Problem {
    /// A picture, model or engine fault in words.
    package init(_ error: FacePipelineError) {
        switch error {
        case .image(let error): self = Problem(error)
        case .model(let error): self = Problem(error)
        case .inference(let error):
            self.init(
                .engineUnavailable, "The inference engine failed on this picture.", detail: "\(error)",
                remedy: "Try another picture; if none works, run `doctor`, otherwise report this one's size and format.")
        }
    }

    package init(_ error: ImageError) {
        switch error {
        case .empty:
            self.init(.imageEmpty, "The picture is empty.", detail: "0 bytes", remedy: "Take or send the picture again.")
        case .notAnImage(let kind):
            self.init(
                .imageNotRecognised, "That is not a picture.", detail: kind.map { "it looks like \($0)" } ?? "its first bytes are of no known format",
                remedy: "Give a JPEG or PNG.")
        case .unsupported(let format):
            self.init(.imageUnsupported, "Pictures of this format are not read.", detail: format, remedy: "Convert it to an RGB JPEG or PNG.")
        case .tooManyBytes(let count, let limit):
            self.init(
                .imageTooLarge, "The picture has too many bytes.", detail: "\(count), at most \(limit)",
                remedy: "Make it smaller; faces need no more than 200 pixels between the eyes.")
        case .tooManyPixels(let width, let height, let limit):
            self.init(
                .imageTooLarge, "The picture has too many pixels; it was not decoded.", detail: "\(width) × \(height), limit \(limit)",
                remedy: "Make it smaller; faces need no more than 200 pixels between the eyes.")
        case .tooManyScans(let count, let limit):
            self.init(
                .imageTooLarge, "The JPEG is cut into too many scans; it was not decoded.", detail: "\(count), at most \(limit) for its size",
                remedy: "Save it again as a plain (baseline) JPEG.")
        case .truncated(let format):
            self.init(.imageTruncated, "The picture ends before it is complete.", detail: format.rawValue, remedy: "Copy or send it again.")
        case .wrongLayout(let layout):
            self.init(
                .imageCorrupt, "The camera's pixels do not fit their own description.",
                detail: "\(layout.format.rawValue), \(layout.width) × \(layout.height), \(layout.stride) bytes a row",
                remedy: "Choose another size or format: `vultus-edge cameras` lists them.")
        case .shortOfPixels(let count, let needed):
            self.init(
                .imageTruncated, "The camera gave less than a whole picture.", detail: "\(count) bytes of \(needed)",
                remedy: "Check the cable; a lower rate or size needs less of the bus.")
        case .corrupt(let format, let message):
            self.init(.imageCorrupt, "The picture is damaged.", detail: "\(format.rawValue): \(message)", remedy: "Take or send it again.")
        }
    }

    package init(_ error: ModelError) {
        let remedy: String = "Run deploy/setup: it fetches and checks models and engine."
        switch error {
        case .notFound(let searched):
            self.init(
                .modelsMissing, "The models are not installed.", detail: "looked in \(searched.prefix(3).joined(separator: ", "))",
                remedy: remedy + " Or name their directory with --models.")
        case .missingDirectory(let path):
            self.init(.modelsMissing, "The models' directory is not there.", detail: path, remedy: remedy)
        case .missingManifest(let path):
            self.init(.modelsMissing, "The directory holds no models.", detail: "\(path) has no manifest.json", remedy: remedy)
        case .missingFile(let name):
            self.init(.modelsMissing, "A file of the models is missing.", detail: name, remedy: remedy)
        case .missingRole(let role):
            self.init(.modelsMissing, "The models' manifest names no \(role).", remedy: remedy)
        case .unreadableManifest(_, let message):
            self.init(
                .modelsAltered, "The models' manifest cannot be read.", detail: String(message.prefix(200)), remedy: remedy + " With --force it starts over.")
        case .unsupportedManifest(let version):
            self.init(
                .modelsAltered, "The models' manifest is newer than this program.", detail: "version \(version)",
                remedy: "Install the Vultus that goes with these models.")
        case .unsupportedModel(let role, let model):
            self.init(.modelsAltered, "This program does not know that model.", detail: "\(role): \(model)", remedy: remedy)
        case .unreadableFile(let name, let code):
            self.init(
                .modelsMissing, "A file of the models cannot be read.", detail: "\(name): \(String(cString: strerror(code)))",
                remedy: "Check its permissions, or run deploy/setup again.")
        case .altered(let name, let expected, let found):
            self.init(
                .modelsAltered, "A file of the models is not the one that was installed.",
                detail: "\(name): expected \(expected.prefix(20))…, found \(found.prefix(20))…",
                remedy: remedy + " It is not used until then: altered models could let anyone in.")
        case .unknownEngine(let name):
            self.init(
                .engineUnavailable, "$VULTUS_ENGINE names no engine.", detail: name,
                remedy: "Unset it, or set it to \(EngineChoice.allCases.map(\.rawValue).joined(separator: ", ")).")
        case .unsupportedEngine(let file, let message):
            self.init(.engineUnavailable, "The inference engine does not load.", detail: "\(file): \(message)", remedy: remedy)
        case .refusedModel(let file, let message):
            self.init(.engineUnavailable, "The inference engine refuses a model.", detail: "\(file): \(message)", remedy: remedy)
        }
    }

    /// A face that is not good enough.
    package init(_ refusal: QualityRefusal) {
        let code: ProblemCode = refusal.code
        func figure(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
        switch refusal {
        case .tooSmall(let distance, let least):
            self.init(
                code, "The face is too small.", detail: "\(figure(distance)) pixels between the eyes, at least \(figure(least))",
                remedy: "Come nearer, or use a picture with more pixels.")
        case .blurred(let sharpness, let least):
            self.init(
                code, "The face is blurred.", detail: "sharpness \(figure(sharpness)), at least \(figure(least))",
                remedy: "Hold still, clean the lens, use more light.")
        case .turned(let axis, let degrees, let most):
            self.init(code, "The face is turned away.", detail: "\(axis.rawValue) \(figure(degrees))°, at most \(figure(most))°", remedy: "Look at the camera.")
        case .tooDark(let brightness, let least):
            self.init(
                code, "The face is too dark.", detail: "brightness \(figure(brightness)), at least \(figure(least))", remedy: "Use more light from the front.")
        case .tooBright(let brightness, let most):
            self.init(
                code, "The face is too bright.", detail: "brightness \(figure(brightness)), at most \(figure(most))",
                remedy: "Use less light, or a shorter exposure.")
        case .cutOff(let share, let most):
            self.init(
                code, "Part of the face is outside the picture.", detail: "\(figure(share)) of it, at most \(figure(most))",
                remedy: "Put the whole face into the picture.")
        case .lowDetection(let score, let least):
            self.init(
                code, "It is not certain that this is a face.", detail: "detection score \(figure(score)), at least \(figure(least))",
                remedy: "Uncover the face and look at the camera.")
        }
    }
}

extension QualityRefusal {
    package var code: ProblemCode {
        switch self {
        case .tooSmall: .faceTooSmall
        case .blurred: .faceBlurred
        case .turned: .faceTurned
        case .tooDark: .faceTooDark
        case .tooBright: .faceTooBright
        case .cutOff: .faceCutOff
        case .lowDetection: .faceUncertain
        }
    }
}
