import FrameCapture
import Glibc
import Testing

@Suite("Which camera is meant")
struct CameraChoiceTests {
    private let door = Cameras.camera("/dev/video0", serial: "A1", links: ["/dev/v4l/by-id/usb-Acme-video-index0"], formats: Cameras.webcam.formats)
    private let hall = Cameras.camera("/dev/video2", card: "IR Camera", bus: "usb-0000:00:14.0-4", formats: Cameras.webcam.formats)

    @Test("by node, link, bus, serial number or label", arguments: ["/dev/video0", "usb-Acme-video-index0", "usb-0000:00:14.0-2", "A1", "HD Webcam"])
    func names(name: String) throws { #expect(try CameraChoice(name).find(in: [hall, door]).path == "/dev/video0") }

    @Test("a name that nobody has, or two have, says so")
    func faults() {
        #expect(throws: CameraFault.noDevice) { try CameraChoice("auto").find(in: []) }
        #expect(throws: CameraFault.notFound(name: "x", present: ["/dev/video0 (HD Webcam)"])) { try CameraChoice("x").find(in: [door]) }
        let twin = Cameras.camera("/dev/video4", bus: "usb-0000:00:14.0-7")
        #expect(throws: CameraFault.ambiguous(name: "HD Webcam", candidates: ["/dev/video0 (usb-0000:00:14.0-2)", "/dev/video4 (usb-0000:00:14.0-7)"])) {
            try CameraChoice("HD Webcam").find(in: [door, twin])
        }
    }

    @Test("auto takes the first whose formats are read and that the agent does not watch yet")
    func automatic() throws {
        let strange = Cameras.camera("/dev/video9", formats: [Cameras.discrete("H264", [])])
        #expect(try CameraChoice("auto").find(in: [strange, door, hall]).path == "/dev/video0")
        #expect(try CameraChoice("auto").find(in: [strange, door, hall], taken: ["/dev/video0"]).path == "/dev/video2")
        #expect(try CameraChoice("auto").find(in: [strange]).path == "/dev/video9")
    }

    @Test("cameras of one agent have names of their own; one that is named twice is refused")
    func sideBySide() throws {
        #expect(try CameraChoice.names(["auto", "door", "auto"].map { CameraChoice($0) }) == ["auto", "door", "auto 2"])
        #expect(throws: CameraFault.chosenTwice(names: ["door"], path: nil)) { try CameraChoice.names(["door", "auto", "door"].map { CameraChoice($0) }) }
        let cameras: [Camera] = zip(["auto", "auto"], try CameraChoice.names([.automatic, .automatic])).map {
            Camera(.init(choice: CameraChoice($0), name: $1))
        }
        #expect(Set(cameras.map(\.name)).count == 2 && cameras.map(\.condition.name) == cameras.map(\.name))
    }

    @Test("a camera that comes back is the same by serial number, by socket, or as the only one of its model")
    func back() {
        let known = CameraIdentity(door)
        let moved = Cameras.camera("/dev/video5", bus: "usb-0000:00:1a.0-1", serial: "A1")
        let other = Cameras.camera("/dev/video0", serial: "B2")
        #expect(known.find(in: [other, moved])?.path == "/dev/video5")
        let plain = CameraIdentity(Cameras.camera())
        #expect(plain.find(in: [Cameras.camera("/dev/video3", bus: "usb-1"), Cameras.camera("/dev/video7")])?.path == "/dev/video7")
        #expect(plain.find(in: [Cameras.camera("/dev/video3", bus: "usb-1")])?.path == "/dev/video3")
        // One serial number for all of a model tells nothing apart.
        let same = [Cameras.camera("/dev/video1", bus: "usb-9", serial: "A1"), Cameras.camera("/dev/video3", serial: "A1")]
        #expect(known.find(in: same)?.path == "/dev/video3")
        #expect(plain.find(in: [Cameras.camera("/dev/video1", bus: "usb-8"), Cameras.camera("/dev/video3", bus: "usb-9")]) == nil)
        #expect(known.find(in: [hall]) == nil)
        #expect(known.find(in: [door], taken: ["/dev/video0"]) == nil)
    }

    @Test("sequence numbers tell what is missing, round 2³² and after a driver's restart")
    func sequences() {
        var watch = SequenceWatch()
        #expect([5, 6, 9, 9, 10].map { watch.missing(before: $0) } == [0, 0, 2, 0, 0])
        #expect([.max, 1].map { watch.missing(before: $0) } == [0, 1])
        #expect([7, 0, 1].map { watch.missing(before: $0) } == [5, 0, 0])
    }

    @Test("who has a device open is found among the processes")
    func holders() throws {
        let path: String = "/tmp/vultus-held-\(getpid())"
        let descriptor: CInt = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        // Another file of the same disk stays open: that is not it.
        let other: CInt = open(path + "-other", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer {
            close(other)
            unlink(path)
            unlink(path + "-other")
        }
        #expect(DeviceHolder.all(of: path).map(\.process).contains(getpid()))
        close(descriptor)
        #expect(!DeviceHolder.all(of: path).map(\.process).contains(getpid()))
        #expect(DeviceHolder.all(of: path + "-missing").isEmpty)
    }
}

@Suite("Settings of a camera")
struct CameraControlTests {
    private let hum = CameraControl(
        id: 1, name: "power_line_frequency", kind: .menu, least: 0, most: 2, step: 1, standard: 1, menu: [0: "Disabled", 1: "50 Hz", 2: "60 Hz"])

    @Test("are read by name and value, and nonsense is refused")
    func settings() {
        #expect(ControlSetting("Power Line Frequency=50 Hz") == ControlSetting(name: "power_line_frequency", value: "50 Hz"))
        for text in ["", "=", "focus", "=3", "focus=", "  =1"] { #expect(ControlSetting(text) == nil, "\(text)") }
    }

    @Test("take numbers within their range and steps, words of their menu, on and off")
    func values() {
        #expect(["50 hz", "2", "3", "70 Hz", ""].map(hum.value) == [1, 2, nil, nil, nil])
        let focus = CameraControl(id: 2, name: "focus_absolute", kind: .integer, least: -10, most: 250, step: 5, standard: 0)
        #expect(["-10", "0", "1", "250", "255", "near", "99999999999"].map(focus.value) == [-10, 0, nil, 250, nil, nil, nil])
        let auto = CameraControl(id: 3, name: "autofocus", kind: .boolean, least: 0, most: 1, step: 1, standard: 1)
        #expect(["on", "OFF", "1", "2"].map(auto.value) == [1, 0, 1, nil])
    }
}
