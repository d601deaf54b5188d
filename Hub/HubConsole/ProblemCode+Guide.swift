import WireModel

extension ProblemCode {
    typealias Guide = (title: (String, String), remedy: (String, String))

    /// In English and Chinese, what a code means and what to do; `nil` for those that `GateRefusal` and `MeterRefusal` word.
    var guide: Guide? {
        switch self {
        case .invalidRequest:
            (
                ("The request does not fit the route; `detail` names the place.", "请求与接口不符，detail 指出位置。"),
                ("Hold it against the route's description.", "请对照接口说明修改。")
            )
        case .notFound: (("There is no such thing, or it is not yours.", "不存在，或不属于您。"), ("Check the path and the identifiers in it.", "请检查路径及其中的标识。"))
        case .conflict: (("It does not go with what is there already.", "与现有内容冲突。"), ("Read what is there, then decide anew.", "请读取现状后再决定。"))
        case .bodyTooLarge: (("The request is too large.", "请求过大。"), ("Send less at a time.", "请减少单次发送的内容。"))
        case .fileUnreadable: (("A file cannot be read.", "文件无法读取。"), ("Check its path and permissions.", "请检查路径与权限。"))
        case .imageEmpty: (("The picture is empty.", "图片为空。"), ("Take or send the picture again.", "请重新拍摄或发送。"))
        case .imageNotRecognised: (("That is not a picture.", "内容不是图片。"), ("Give a JPEG or PNG.", "请提供 JPEG 或 PNG。"))
        case .imageUnsupported:
            (("Pictures of this format are not read.", "不支持该图片格式。"), ("Convert it to an RGB JPEG or PNG.", "请转换为 RGB 的 JPEG 或 PNG。"))
        case .imageTruncated: (("The picture ends before it is complete.", "图片不完整。"), ("Copy or send it again.", "请重新复制或发送。"))
        case .imageCorrupt: (("The picture is damaged.", "图片已损坏。"), ("Take or send it again.", "请重新拍摄或发送。"))
        case .imageTooLarge:
            (
                ("The picture has too many bytes or pixels.", "图片字节数或像素过多。"),
                ("Make it smaller; faces need no more than 200 pixels between the eyes.", "请缩小图片；两眼间距不必超过 200 像素。")
            )
        case .noFace:
            (("There is no face in the picture.", "图片中没有人脸。"), ("Use a picture that shows one face clearly.", "请使用清晰显示一张人脸的图片。"))
        case .severalFaces:
            (
                ("There are several faces where one is needed.", "需要一张人脸，图片中有多张。"),
                ("Crop the picture to one face, or say that the largest is to be taken.", "请裁剪至一张人脸，或指定取最大的一张。")
            )
        case .faceTooSmall: (("The face is too small.", "人脸过小。"), ("Come nearer, or use a picture with more pixels.", "请靠近，或使用像素更高的图片。"))
        case .faceBlurred: (("The face is blurred.", "人脸模糊。"), ("Hold still, clean the lens, use more light.", "请保持不动、清洁镜头、增加光线。"))
        case .faceTurned: (("The face is turned away.", "人脸偏转过大。"), ("Look at the camera.", "请正对镜头。"))
        case .faceTooDark: (("The face is too dark.", "人脸过暗。"), ("Use more light from the front.", "请增加正面光线。"))
        case .faceTooBright: (("The face is too bright.", "人脸过亮。"), ("Use less light, or a shorter exposure.", "请减少光线或缩短曝光。"))
        case .faceCutOff: (("Part of the face is outside the picture.", "人脸有部分在图片之外。"), ("Put the whole face into the picture.", "请将整张人脸置于画面内。"))
        case .faceUncertain:
            (("It is not certain that this is a face.", "无法确定这是人脸。"), ("Uncover the face and look at the camera.", "请露出面部并正对镜头。"))
        case .shotsDisagree:
            (
                ("The shots of one passage do not agree on who it is.", "同一次经过的多张抓拍对身份的判断不一致。"),
                ("Pass the camera one by one, facing it.", "请逐一面向镜头通过。")
            )
        case .presentationAttackSuspected:
            (
                ("What was shown to the camera does not look like a person who is there.", "摄像头前呈现的不像是到场的真人。"),
                ("Step away, then face the camera in person, without a screen or print in view.", "请离开后本人重新面向镜头，画面中不要有屏幕或照片。")
            )
        case .challengeFailed:
            (
                ("The head was not turned as asked, or by somebody else.", "未按要求转动头部，或转动者不是同一人。"),
                ("Step away, come back, and turn your head as the screen says.", "请离开后重新面向镜头，并按屏幕提示转动头部。")
            )
        case .presentationUndetermined:
            (
                ("Too little was seen to tell whether a person was there, or nobody did what was asked.", "所见不足以判断是否真人到场，或未完成要求的动作。"),
                ("Stay before the camera for a second or two, and do what the screen says.", "请在镜头前停留一两秒，并按屏幕提示操作。")
            )
        case .modelsMissing:
            (
                ("No models are in place to look at pictures with.", "识别模型未就绪。"),
                ("Ask the operator; on your own machine run deploy/setup.", "请联系平台；自有机器请运行 deploy/setup。")
            )
        case .modelsAltered:
            (("A model is not the one that was installed; it is not used.", "模型与安装时不符，已停用。"), ("Install the models again.", "请重新安装模型。"))
        case .engineUnavailable:
            (("The inference engine failed.", "推理引擎出错。"), ("Try another picture; if none works, tell the operator.", "请换一张图片；如仍不行，请告知平台。"))
        case .cameraMissing:
            (
                ("The device has no such camera.", "设备上没有该摄像头。"),
                ("Plug it in; `vultus-edge cameras` lists those there are.", "请插入摄像头；vultus-edge cameras 可列出现有摄像头。")
            )
        case .cameraNotPermitted:
            (("The user may not open the camera.", "当前用户无权打开摄像头。"), ("Join the group that `vultus-edge doctor` names.", "请加入 vultus-edge doctor 指出的用户组。"))
        case .cameraBusy:
            (("Another program has the camera.", "摄像头被其他程序占用。"), ("End the program that `vultus-edge doctor` names.", "请结束 vultus-edge doctor 指出的程序。"))
        case .cameraUnsuitable:
            (
                ("The camera does not offer what is asked of it.", "摄像头不支持所要求的设置。"),
                ("Choose from what `vultus-edge cameras` lists.", "请从 vultus-edge cameras 列出的项目中选择。")
            )
        case .cameraFailed:
            (("The camera or its driver fails.", "摄像头或其驱动出错。"), ("Check its cable and socket; see `vultus-edge doctor`.", "请检查线缆与接口，并运行 vultus-edge doctor。"))
        case .storeBusy: (("The store is busy.", "存储繁忙。"), ("Wait as long as Retry-After says.", "请按 Retry-After 等待。"))
        case .storeFull: (("The store is full.", "存储已满。"), ("Make room, or tell the operator.", "请释放空间或告知平台。"))
        case .storeNewer: (("The store is of a newer version than the program.", "存储版本高于程序。"), ("Use the newer program.", "请使用新版程序。"))
        case .storeDamaged: (("The store is damaged.", "存储已损坏。"), ("Restore a backup.", "请从备份恢复。"))
        case .storeUnavailable: (("The store does not answer.", "存储无应答。"), ("Wait as long as Retry-After says.", "请按 Retry-After 等待。"))
        case .notJoined: (("The device has joined no hub.", "设备尚未加入平台。"), ("Run `vultus-edge join`.", "请运行 vultus-edge join。"))
        case .alreadyJoined: (("The device has joined a hub already.", "设备已加入平台。"), ("Leave that hub first.", "请先退出原平台。"))
        case .tokenMalformed: (("That is not a whole join token.", "加入令牌不完整。"), ("Copy the whole token.", "请复制完整令牌。"))
        case .tokenUnknown: (("The hub knows no such join token.", "平台没有此加入令牌。"), ("Ask for a new one.", "请申请新的令牌。"))
        case .tokenUsed: (("The join token was used.", "加入令牌已使用。"), ("Ask for a new one.", "请申请新的令牌。"))
        case .tokenExpired: (("The join token has expired.", "加入令牌已过期。"), ("Ask for a new one.", "请申请新的令牌。"))
        case .joinPending: (("The device still waits to be approved.", "设备仍在等待批准。"), ("Have the operator approve it, and ask again.", "请平台批准后再试。"))
        case .joinRefused: (("The operator refused this device.", "平台已拒绝该设备。"), ("Ask the operator why.", "请向平台询问原因。"))
        case .hubUnreachable: (("The hub cannot be reached.", "无法连接平台。"), ("Check address and network.", "请检查地址与网络。"))
        case .hubTimedOut: (("The hub did not answer in time.", "平台应答超时。"), ("Try again later.", "请稍后重试。"))
        case .hubUntrusted: (("The hub's certificate is not trusted.", "平台证书不受信任。"), ("Check that it is the right hub.", "请确认平台地址正确。"))
        case .hubMisbehaved: (("The hub's answer cannot be understood.", "无法理解平台应答。"), ("Check the versions of both.", "请检查双方版本。"))
        case .certificateMissing: (("The call needs a device's certificate.", "此调用需要设备证书。"), ("Join the hub first.", "请先加入平台。"))
        case .certificateRefused: (("The device's certificate is refused.", "设备证书被拒绝。"), ("Join the hub again.", "请重新加入平台。"))
        case .syncFileDamaged: (("That is not a whole sync file.", "同步文件不完整。"), ("Copy it again, or export anew.", "请重新复制或重新导出。"))
        case .syncFileForeign:
            (("The sync file is for another device or hub.", "同步文件属于其他设备或平台。"), ("Take it to the one it was made for.", "请交给文件对应的一方。"))
        case .deviceRevoked: (("The device was revoked.", "设备已被撤销。"), ("Ask the operator.", "请联系平台。"))
        case .deviceStolen:
            (("The device was reported stolen and erases itself.", "设备已被报失，将自行清除。"), ("Ask the operator.", "请联系平台。"))
        case .deviceWiped: (("The device was wiped by order of its hub.", "设备已按平台命令清除。"), ("Join again with a new token.", "请用新令牌重新加入。"))
        case .devicePaused: (("The device is paused by its hub.", "设备已被平台暂停。"), ("Ask the operator to resume it.", "请联系平台恢复。"))
        case .releaseUntrusted:
            (("The release is not signed by a trusted key.", "发布包未由受信任的密钥签名。"), ("Find out who made it, or trust the key at the device.", "请查明来源，或在设备上信任该密钥。"))
        case .releaseUnsuitable:
            (("The release is not for this device.", "发布包不适用于该设备。"), ("Read the detail: platform, version or end.", "请查看详情：平台、版本或有效期。"))
        case .releaseAltered: (("A file of the release is not as signed.", "发布包文件与签名不符。"), ("Fetch or publish it again.", "请重新下载或重新发布。"))
        case .leaseMissing: (("The device has no lease for that API.", "设备没有该接口的租约。"), ("Synchronise with the hub.", "请与平台同步。"))
        case .leaseSpent: (("The device's lease is spent.", "设备租约已用尽。"), ("Synchronise with the hub.", "请与平台同步。"))
        case .leaseExpired: (("The device's lease has expired.", "设备租约已过期。"), ("Synchronise with the hub.", "请与平台同步。"))
        case .leaseInvalid: (("The device's lease is not valid here.", "设备租约无效。"), ("Synchronise with the hub; check the clock.", "请与平台同步并检查时钟。"))
        case .accountInactive: (("The account is not active.", "账户未激活。"), ("Finish the registration.", "请完成注册。"))
        case .entitlementEnded: (("That entitlement has ended.", "该授权已终止。"), ("Apply anew.", "请重新申请。"))
        case .journalFork: (("A journal claims one place twice.", "日志同一位置出现两条记录。"), ("Find out whether the device was copied.", "请查明设备是否被复制。"))
        case .journalRolledBack:
            (("The device's store is an old copy.", "设备存储是旧副本。"), ("Find out who put it back, then order a new journal.", "请查明恢复者，并为设备启用新日志。"))
        case .journalGap: (("Entries of a journal are missing.", "日志缺少条目。"), ("Send what is missing first.", "请先补发缺少的条目。"))
        case .journalTampered: (("An entry of a journal was altered.", "日志条目被篡改。"), ("Find out who had access to the device.", "请查明谁接触过设备。"))
        case .leaseOverrun: (("A journal spends more than its lease gave.", "日志用量超出租约。"), ("Find out whether the device was copied.", "请查明设备是否被复制。"))
        case .signInRequired: (("You are not signed in.", "尚未登录。"), ("Sign in.", "请登录。"))
        case .credentialsWrong: (("Mailbox or password is wrong.", "邮箱或密码错误。"), ("Try again, or reset the password.", "请重试或重设密码。"))
        case .secondFactorRequired: (("The second factor is wanted.", "需要第二重验证。"), ("Send the code too.", "请同时发送验证码。"))
        case .secondFactorWrong: (("The second factor is wrong.", "第二重验证错误。"), ("Use the current code.", "请使用当前验证码。"))
        case .csrfRefused:
            (
                ("The request does not carry this session's token.", "请求未携带会话令牌。"),
                ("Send the session's csrfToken as X-CSRF-Token.", "请以 X-CSRF-Token 发送会话的 csrfToken。")
            )
        case .roleInsufficient: (("Your role does not allow that.", "您的角色无权执行。"), ("Ask somebody with a role that `remedy` names.", "请联系 remedy 所列角色的成员。"))
        case .tooManyAttempts: (("There were too many attempts.", "尝试过于频繁。"), ("Wait as long as Retry-After says.", "请按 Retry-After 等待。"))
        case .passwordWeak: (("The password is too easy to guess.", "密码过于简单。"), ("Choose a longer one.", "请选择更长的密码。"))
        case .mailTokenInvalid: (("The mail's link is no longer valid.", "邮件链接已失效。"), ("Ask for a new mail.", "请重新发送邮件。"))
        case .emailInvalid: (("That is not a mailbox.", "邮箱地址无效。"), ("Check its spelling.", "请检查拼写。"))
        case .mailDomainRefused: (("Mailboxes of that domain are not taken.", "不接受该域名的邮箱。"), ("Use another mailbox.", "请使用其他邮箱。"))
        case .domainProofMissing: (("The domain does not show the proof.", "域名上未见证明。"), ("Publish the record and wait for the DNS.", "请发布记录并等待 DNS 生效。"))
        case .domainProofUnreachable: (("The domain cannot be asked.", "无法查询该域名。"), ("Try again later.", "请稍后重试。"))
        case .agreementChanged:
            (("Another version of the agreement is in force.", "协议已有其他版本生效。"), ("Read the one in force and accept that.", "请阅读并接受现行版本。"))
        case .definitionInvalid: (("The definition of a variant is not valid.", "定制定义无效。"), ("Correct what `detail` names.", "请修改 detail 所指之处。"))
        case .methodNotAllowed: (("That path does not take this method.", "该路径不支持此方法。"), ("Use one that Allow names.", "请使用 Allow 所列方法。"))
        case .mediaTypeUnsupported:
            (("The body is of a type that this route does not take.", "接口不接受该类型的请求体。"), ("Send a Content-Type that the route names.", "请使用接口所列的 Content-Type。"))
        case .overloaded: (("More waits already than can be done in time.", "等待处理的请求过多。"), ("Wait as long as Retry-After says.", "请按 Retry-After 等待。"))
        case .templatesWithheld:
            (
                ("Templates' numbers are not given out to this key.", "不向此密钥提供模板数据。"),
                ("It needs the scope templates:read, and terms of the account that allow it.", "需要 templates:read 权限，且账户条款允许。")
            )
        case .auditBroken: (("The audit chain does not verify.", "审计链校验失败。"), ("Keep everything as it is and find out why.", "请保留现场并查明原因。"))
        case .keysForeign: (("The database belongs to other keys.", "数据库属于另一组密钥。"), ("Use the keys it was made with.", "请使用创建时的密钥。"))
        case .mailUndeliverable: (("Mail cannot be delivered.", "邮件无法送达。"), ("Check the mail server.", "请检查邮件服务器。"))
        case .interrupted: (("The work was interrupted.", "操作被中断。"), ("Do it again.", "请重试。"))
        case .internalFault:
            (
                ("The hub met a fault of its own.", "平台内部错误。"),
                ("Try again; if it stays, tell the operator the request's id (X-Request-Id).", "请重试；如仍出现，请将请求编号（X-Request-Id）告知平台。")
            )
        case .keyMissing, .keyMalformed, .keyUnknown, .keyFrozen, .keyExpired, .keyRefusesAPI, .keyRefusesAddress, .keyRefusesApplication, .emailUnverified,
            .domainUnproven, .accountLapsed, .accountSuspended, .accountEnded, .apiPaused, .throttled, .agreementRequired, .faceDataAgreementRequired,
            .apiTermsRequired, .agreementDeclined, .notApplied, .approvalPending, .entitlementPaused, .trialOver, .quotaExhausted, .notForSale,
            .balanceExhausted, .rateLimited, .idempotencyMismatch, .idempotencyInProgress, .idempotencyAnswerGone:
            nil
        }
    }

    /// What a code is about, in the order of the page.
    enum Subject: CaseIterable {
        case request, picture, key, account, use, hub, people, device

        var title: (String, String) {
            switch self {
            case .request: ("The request", "请求")
            case .picture: ("Picture and face", "图片与人脸")
            case .key: ("Key", "密钥")
            case .account: ("Account and agreements", "账户与协议")
            case .use: ("Use and payment", "用量与支付")
            case .hub: ("The hub", "平台")
            case .people: ("Registration and sign-in", "注册与登录")
            case .device: ("Devices", "设备")
            }
        }
    }

    var subject: Subject {
        switch self {
        case .invalidRequest, .notFound, .conflict, .bodyTooLarge, .methodNotAllowed, .mediaTypeUnsupported, .definitionInvalid, .fileUnreadable: .request
        case .imageEmpty, .imageNotRecognised, .imageUnsupported, .imageTruncated, .imageCorrupt, .imageTooLarge, .noFace, .severalFaces, .faceTooSmall,
            .faceBlurred, .faceTurned, .faceTooDark, .faceTooBright, .faceCutOff, .faceUncertain, .shotsDisagree,
            .presentationAttackSuspected, .challengeFailed, .presentationUndetermined:
            .picture
        case .keyMissing, .keyMalformed, .keyUnknown, .keyFrozen, .keyExpired, .keyRefusesAPI, .keyRefusesAddress, .keyRefusesApplication,
            .templatesWithheld:
            .key
        case .emailUnverified, .domainUnproven, .accountLapsed, .accountSuspended, .accountEnded, .accountInactive, .apiPaused, .throttled,
            .agreementRequired, .faceDataAgreementRequired, .apiTermsRequired, .agreementDeclined, .agreementChanged:
            .account
        case .notApplied, .approvalPending, .entitlementPaused, .entitlementEnded, .trialOver, .quotaExhausted, .notForSale, .balanceExhausted, .rateLimited,
            .idempotencyMismatch, .idempotencyInProgress, .idempotencyAnswerGone:
            .use
        case .modelsMissing, .modelsAltered, .engineUnavailable, .storeBusy, .storeFull, .storeNewer, .storeDamaged, .storeUnavailable, .overloaded,
            .auditBroken, .keysForeign, .mailUndeliverable, .interrupted, .internalFault:
            .hub
        case .signInRequired, .credentialsWrong, .secondFactorRequired, .secondFactorWrong, .csrfRefused, .roleInsufficient, .tooManyAttempts,
            .passwordWeak, .mailTokenInvalid, .emailInvalid, .mailDomainRefused, .domainProofMissing, .domainProofUnreachable:
            .people
        case .notJoined, .alreadyJoined, .tokenMalformed, .tokenUnknown, .tokenUsed, .tokenExpired, .joinPending, .joinRefused, .hubUnreachable, .hubTimedOut,
            .hubUntrusted,
            .hubMisbehaved, .certificateMissing, .certificateRefused, .deviceRevoked, .deviceStolen, .deviceWiped, .devicePaused, .leaseMissing, .leaseSpent,
            .releaseUntrusted, .releaseUnsuitable, .releaseAltered,
            .leaseExpired, .leaseInvalid, .journalFork,
            .journalRolledBack, .journalGap, .journalTampered, .leaseOverrun, .syncFileDamaged, .syncFileForeign, .cameraMissing, .cameraNotPermitted,
            .cameraBusy,
            .cameraUnsuitable, .cameraFailed:
            .device
        }
    }
}
