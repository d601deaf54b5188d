import EdgeStore

extension PreviewWords {
    static let chinese = PreviewWords(
        title: "实时预览", locked: "预览已锁定",
        lockedHow: "请打开程序启动时显示的地址。该地址也保存在设备目录的 preview-url 文件中，例如：",
        labels: [
            "title": "实时预览", "skip": "跳到画面", "source": "画面来源", "pause": "暂停", "boxes": "人脸框", "picture": "实时画面", "people": "画面中的人",
            "decisions": "识别结果", "figures": "指标", "camera": "来源", "sync": "平台", "announcements": "公告", "nobody": "画面中没有人。", "noDecisions": "尚无识别结果。",
            "rate": "每秒帧数", "looked": "每秒检测帧数", "answer": "从取帧到得出结果", "decision": "从首个合格帧到判定", "stages": "解码 · 检测 · 对齐 · 特征",
            "connecting": "正在连接程序…", "hint": "空格键暂停，B 键显示或隐藏人脸框。", "other": "English", "otherLanguage": "en", "otherTag": "en",
        ],
        sources: ["standard input": "标准输入", "pictures": "文件与文件夹"],
        outcomes: ["match": "{name}", "unknown": "陌生人", "undecided": "无法判定", "looking": "识别中…"],
        kinds: ["decided": "", "returned": "再次出现，不重复计费", "left": "已离开"],
        reasons: [
            "face_too_small": "人脸过小", "face_blurred": "模糊", "face_turned": "侧脸", "face_too_dark": "过暗", "face_too_bright": "过亮",
            "face_cut_off": "不完整", "face_uncertain": "不确定是人脸", "shots_disagree": "多次结果不一致", "presentation_attack_suspected": "疑似照片或屏幕",
            "presentation_undetermined": "无法确认是活体",
        ],
        empty: [
            "waiting": "等待第一帧画面", "camera": "摄像头没有画面", "stale": "已有 {n} 秒没有新画面", "gone": "程序没有响应", "goneHow": "程序可能已经结束，本页会自动重试。",
            "paused": "识别已暂停", "stopped": "画面已暂停", "waitingHow": "来源送出画面后会立即显示。",
        ],
        cameras: [
            "camera_missing": "没有摄像头。接上后会自动识别。", "camera_not_permitted": "当前用户无权打开摄像头。", "camera_busy": "摄像头被其他程序占用。",
            "camera_unsuitable": "摄像头没有可用的格式。", "camera_failed": "摄像头工作异常。",
        ],
        states: words { meaning(of: $0) }, remedies: words { remedy(for: $0) },
        phrases: [
            "score": "比对分数 {score}，阈值 {threshold}", "latency": "{n} 毫秒", "streams": "{mode}", "notCamera": "不是摄像头", "never": "从未连接",
            "contact": "上次连接 {when}", "waiting": "{n} 条记录待上传", "inStep": "记录已全部上传", "lost": "丢失 {lost} 帧，损坏 {damaged} 帧",
            "hook": "外部程序：成功 {succeeded}，失败 {failed}，超时 {timedOut}，丢弃 {dropped}", "next": "处理办法：", "resume": "继续", "pause": "暂停",
            "faces": "画面中 {n} 人", "entry": "记录 {n}", "known": "识别到 {name}", "unknown": "陌生人", "undecided": "无法判定",
        ])

    private static func words(_ text: (DeviceState) -> String) -> [String: String] {
        DeviceState.allCases.reduce(into: [:]) { $0[$1.rawValue] = text($1) }
    }

    private static func meaning(of state: DeviceState) -> String {
        switch state {
        case .fresh: "一切正常"
        case .galleryStale: "平台人脸库即将到期，或仍在下载"
        case .galleryEnded: "平台人脸库未按期更新，其人员已删除"
        case .leaseMissing: "没有该接口的租约"
        case .leaseSpent: "租约额度已用完"
        case .leaseInGrace: "租约已到期，处于宽限期"
        case .leaseExpired: "租约及宽限期均已结束"
        case .diskFull: "磁盘已满"
        case .journalFull: "日志已达上限"
        case .clockInDoubt: "系统时钟不可信"
        case .certificateExpired: "设备证书已过期"
        case .damaged: "存储曾损坏，等待新的日志"
        case .rolledBack: "存储是旧副本"
        case .quarantined: "平台已隔离本设备"
        case .paused: "运营人员已暂停本设备的识别"
        case .wiping: "运营人员已下令清除本设备：人员已全部删除，存储将在下次同步时删除"
        }
    }

    private static func remedy(for state: DeviceState) -> String {
        switch state {
        case .fresh: "无需处理"
        case .galleryStale, .galleryEnded, .leaseMissing, .leaseExpired, .leaseInGrace, .damaged, .certificateExpired, .wiping:
            "平台可达时运行 `vultus-edge sync`"
        case .leaseSpent: "运行 `vultus-edge sync`；若平台不再授予额度，说明账户配额或余额已用完"
        case .diskFull: "清理磁盘空间"
        case .journalFull: "平台可达时运行 `vultus-edge sync`，或为设备分组设置更大的 `storeBytes`"
        case .clockInDoubt: "校准系统时钟（`timedatectl set-ntp true`），再运行 `vultus-edge sync`"
        case .rolledBack:
            "运行 `vultus-edge sync` 告知平台；由运营人员更换日志（`device resolve --new-epoch`），并查明旧副本的来源"
        case .quarantined: "请运营人员处理该设备的告警"
        case .paused: "请运营人员恢复"
        }
    }
}
