import Biometrics
import FoundationEssentials

/// Why a directory of labelled faces cannot be used.
package enum LabelledFacesError: Error, Equatable, Sendable {
    case missingDirectory(String)
    /// There is no `Name/Name_0001.jpg` in it.
    case noImages(directory: String)
    /// A picture that the pairs name is not there.
    case missingImage(String)
    case unreadableImage(String)
}

/// Pictures of persons, laid out as in Labelled Faces in the Wild: `DIR/Name/Name_0001.jpg`.
package struct LabelledFaces: Sendable {
    package let directory: String
    /// By name, then number.
    package let images: [LabelledImage]

    /// Lists the directory.
    /// - Throws: `.missingDirectory`, `.noImages`.
    package init(directory: String) throws(LabelledFacesError) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw .missingDirectory(directory)
        }
        var images: [LabelledImage] = []
        for name in names {
            // Files beside the persons' folders, such as pairs.txt, have no contents to list.
            guard let files = try? FileManager.default.contentsOfDirectory(atPath: directory + "/" + name) else { continue }
            for file in files where file.hasPrefix(name + "_") && file.hasSuffix(".jpg") {
                guard let number = Int(file.dropFirst(name.count + 1).dropLast(4)) else { continue }
                let image = LabelledImage(name: name, number: number)
                if image.path == name + "/" + file { images.append(image) }
            }
        }
        guard !images.isEmpty else { throw .noImages(directory: directory) }
        self.directory = directory
        self.images = images.sorted()
    }

    /// The encoded picture.
    /// - Throws: `.missingImage`, `.unreadableImage`.
    package func bytes(of image: LabelledImage) throws(LabelledFacesError) -> [UInt8] {
        let path = directory + "/" + image.path
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw fileExists(path) ? .unreadableImage(image.path) : .missingImage(image.path)
        }
    }
}
