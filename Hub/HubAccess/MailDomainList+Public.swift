extension MailDomainList {
    /// Providers that give anyone a mailbox, and access providers whose customers have one. Sorted within each group; written
    /// from common knowledge, one place to add to. What an operator adds comes on top.
    /// - Note: a provider's own staff may write from the same domain; where they are known to use another, only the customers' is here.
    static let builtInPublicProviders: String = """
        # Google
        gmail.com googlemail.com

        # Microsoft: Outlook
        outlook.at outlook.be outlook.cl outlook.co.id outlook.co.il outlook.co.nz outlook.co.th outlook.com outlook.com.ar
        outlook.com.au outlook.com.br outlook.com.gr outlook.com.pe outlook.com.tr outlook.com.vn outlook.cz outlook.de
        outlook.dk outlook.es outlook.fr outlook.hu outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.lv outlook.my
        outlook.ph outlook.pt outlook.sa outlook.sg outlook.sk

        # Microsoft: Hotmail
        hotmail.at hotmail.be hotmail.ca hotmail.ch hotmail.cl hotmail.co.id hotmail.co.il hotmail.co.in hotmail.co.jp
        hotmail.co.kr hotmail.co.nz hotmail.co.th hotmail.co.uk hotmail.co.za hotmail.com hotmail.com.ar hotmail.com.au
        hotmail.com.br hotmail.com.hk hotmail.com.tr hotmail.com.tw hotmail.com.vn hotmail.cz hotmail.de hotmail.dk hotmail.es
        hotmail.fi hotmail.fr hotmail.gr hotmail.hu hotmail.it hotmail.lt hotmail.lv hotmail.my hotmail.nl hotmail.no hotmail.ph
        hotmail.rs hotmail.se hotmail.sg hotmail.sk

        # Microsoft: Live, MSN and others
        live.at live.be live.ca live.cl live.cn live.co.kr live.co.uk live.co.za live.com live.com.ar live.com.au live.com.mx
        live.com.my live.com.ph live.com.pt live.com.sg live.de live.dk live.fi live.fr live.hk live.ie live.in live.it live.jp
        live.nl live.no live.ru live.se livemail.tw msn.com passport.com webtv.net windowslive.com

        # Yahoo, AOL and family
        aim.com aol.at aol.co.uk aol.com aol.com.au aol.de aol.es aol.fr aol.it compuserve.com compuserve.de cs.com games.com
        love.com myyahoo.com netscape.net rocketmail.com verizon.net wow.com yahoo.at yahoo.be yahoo.bg yahoo.ca yahoo.cl
        yahoo.cn yahoo.co.id yahoo.co.il yahoo.co.in yahoo.co.jp yahoo.co.kr yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.co.za
        yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.co yahoo.com.hk yahoo.com.hr yahoo.com.mx
        yahoo.com.my yahoo.com.pe yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.ua yahoo.com.ve yahoo.com.vn
        yahoo.cz yahoo.de yahoo.dk yahoo.ee yahoo.es yahoo.fi yahoo.fr yahoo.gr yahoo.hu yahoo.ie yahoo.in yahoo.it yahoo.lt
        yahoo.lv yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se yahoo.sk ymail.com ymail.ne.jp

        # Apple
        icloud.com mac.com me.com privaterelay.appleid.com

        # Private and paid mail
        airmail.cc autistici.org bigfoot.com care2.com cock.li countermail.com ctemplar.com disroot.org duck.com elude.in eml.cc
        excite.com fastmail.co.uk fastmail.com fastmail.de fastmail.es fastmail.fm fastmail.fr fastmail.in fastmail.jp
        fastmail.net fastmail.org fastmail.to fastmail.us fmail.co.uk gmx.com hey.com hush.ai hush.com hushmail.com hushmail.me
        inbox.com inbox.eu juno.com keemail.me kolabnow.com lavabit.com lycos.com mail2world.com mailbox.org mailfence.com
        mozmail.com mykolab.com myway.com netaddress.com netzero.com netzero.net onmail.com passinbox.com passmail.net pm.me
        pobox.com posteo.at posteo.de posteo.eu posteo.net proton.me protonmail.ch protonmail.com relay.firefox.com riseup.net
        runbox.com safe-mail.net scryptmail.com sent.com simplelogin.com skiff.com startmail.com systemli.org tuta.com tuta.io
        tutamail.com tutanota.com tutanota.de unseen.is usa.net vfemail.net zoho.com zoho.eu zoho.in zohomail.com zohomail.eu
        zohomail.in

        # mail.com
        accountant.com activist.com adexec.com africamail.com allergist.com alumni.com americamail.com archaeologist.com
        arcticmail.com artlover.com asia.com australiamail.com bartender.net berlin.com bikerider.com birdlover.com
        brazilmail.com brew-meister.com catlover.com cheerful.com chemist.com chinamail.com clerk.com collector.org
        columnist.com comic.com computer4u.com consultant.com contractor.net coolsite.net counsellor.com cyberservices.com
        deliveryman.com diplomats.com doctor.com doglover.com dr.com dublin.com dutchmail.com email.com engineer.com
        englandmail.com europe.com financier.com fireman.net gardener.com geologist.com germanymail.com graduate.org
        graphic-designer.com groupmail.com hairdresser.net homemail.com hot-shot.com iname.com inorbit.com instruction.com
        instructor.net insurer.com irelandmail.com israelmail.com italymail.com job4u.com journalist.com keromail.com
        koreamail.com legislator.com linuxmail.org lobbyist.com london.com loveable.com madrid.com mail.com mexicomail.com
        minister.com moscowmail.com munich.com musician.org myself.com null.net nycmail.com optician.com orthodontist.net
        pacific-ocean.com pacificwest.com pediatrician.com photographer.net physicist.net planetmail.com polandmail.com
        politician.com post.com presidency.com priest.com programmer.net publicist.com realtyagent.com registerednurses.com
        repairman.com representative.com rescueteam.com rome.com safrica.com salesperson.net samerica.com sanfranmail.com
        scientist.com scotlandmail.com secretary.net socialworker.net sociologist.com solution4u.com songwriter.net
        spainmail.com surgical.net swedenmail.com swissmail.com teachers.org tech-center.com techie.com theplate.com
        toothfairy.com torontomail.com tvstar.com umpire.com usa.com webname.com worker.com workmail.com writeme.com

        # Germany, Austria and Switzerland
        a1.net alice-dsl.de alice-dsl.net alice.de aon.at arcor.de bluemail.ch bluewin.ch chello.at directbox.com drei.at
        email.de emailn.de ewe.net ewetel.net firemail.de freenet.de germanynet.de gmx.at gmx.biz gmx.ch gmx.co.uk gmx.de gmx.es
        gmx.eu gmx.fr gmx.info gmx.li gmx.net gmx.org gmx.tm gmx.us hansenet.de hispeed.ch inode.at kabelbw.de kabelmail.de
        kabsi.at liwest.at lycos.de magenta.de mail.de netcologne.de netplus.ch nexgo.de o2mail.de o2online.de ok.de online.de
        osnanet.de quickline.ch sunrise.ch swissonline.ch t-online.de tele2.at unity-mail.de unitybox.de utanet.at versanet.de
        vodafonemail.de vtxnet.ch web.de

        # France and Benelux
        9online.fr aliceadsl.fr bbox.fr belgacom.net caiway.nl caramail.com caramail.fr casema.nl cegetel.net chello.nl
        club-internet.fr dbmail.com free.fr hetnet.nl home.nl infonie.fr internet.lu kpnmail.nl kpnplanet.nl laposte.net
        libertysurf.fr mailo.com netcourrier.com neuf.fr noos.fr nordnet.fr numericable.fr online.nl orange.fr pandora.be
        planet.nl proximus.be pt.lu quicknet.nl scarlet.be sfr.fr skynet.be solcon.nl tele2.nl telenet.be telfort.nl tiscali.fr
        upcmail.nl vo.lu voila.fr voo.be wanadoo.fr wanadoo.nl xs4all.nl zeelandnet.nl ziggo.nl zonnet.nl

        # United Kingdom and Ireland
        blueyonder.co.uk btinternet.com btopenworld.com cableinet.co.uk dsl.pipex.com eircom.net freeserve.co.uk fsmail.net
        fsnet.co.uk indigo.ie iol.ie lineone.net ntlworld.com onetel.com onetel.net orange.net plus.com sky.com supanet.com
        talk21.com talktalk.net tesco.net tiscali.co.uk ukonline.co.uk virgin.net virginmedia.com wanadoo.co.uk

        # Italy, Spain, Portugal and Greece
        alice.it blu.it clix.pt cytanet.com.cy email.it euskalnet.net fastwebnet.it forthnet.gr freemail.gr giallo.it hol.gr
        in.gr infinito.it interfree.it inwind.it iol.it iol.pt jazzfree.com katamail.com libero.it mail.gr mail.telepac.pt
        mixmail.com movistar.es netcabo.pt ono.com otenet.gr pathfinder.gr pec.it portugalmail.pt poste.it sapo.pt supereva.it
        telefonica.net terra.es tim.it tin.it tiscali.it tiscalinet.it virgilio.it wanadoo.es ya.com

        # Nordic and Baltic countries
        apollo.lv bredband.net broadpark.no c2i.net comhem.se delfi.lt dnainternet.net elisanet.fi frisurf.no getmail.no
        glocalnet.net home.se hot.ee inbox.lt inbox.lv jubii.dk kolumbus.fi luukku.com mail.dk mail.ee netti.fi ofir.dk one.lt
        online.ee online.no passagen.se post.tele.dk pp.inet.fi saunalahti.fi simnet.is spray.se start.no stofanet.dk suomi24.fi
        swipnet.se takas.lt tdcadsl.dk tele2.se telia.com tvnet.lv webspeed.dk welho.com youmail.dk zebra.lt

        # Poland, Czechia, Slovakia and Hungary
        amorki.pl atlas.cz atlas.sk autograf.pl azet.sk buziaczek.pl centrum.cz centrum.sk chello.hu citromail.hu email.cz
        freemail.hu gazeta.pl go2.pl indamail.hu int.pl interia.com interia.eu interia.pl iol.cz neostrada.pl o2.pl onet.eu
        onet.pl op.pl pobox.sk poczta.fm post.cz post.sk prokonto.pl quick.cz republika.pl seznam.cz spoko.pl spoluzaci.cz
        stonline.sk t-online.hu tiscali.cz tlen.pl upcmail.hu vipmail.hu volny.cz vp.pl wp.pl zoznam.sk

        # South-eastern Europe and Turkey
        abv.bg bih.net.ba dir.bg email.si eunet.rs gbg.bg home.ro inet.hr mail.bg mts.rs mynet.com net.hr open.telekom.rs ptt.rs
        sbb.rs siol.net superonline.com t-2.net t-com.hr ttmail.com ttnet.net.tr turk.net volja.net xnet.hr

        # Russia and neighbours
        aport.ru autorambler.ru bigmir.net bk.ru e1.ru email.ua hotbox.ru i.ua inbox.ru internet.ru km.ru land.ru lenta.ru
        list.ru mail.by mail.kz mail.ru mail.ua mail15.com mail333.com meta.ua myrambler.ru narod.ru ngs.ru nm.ru nxt.ru
        online.ua pisem.net pochta.ru qip.ru rambler.ru rambler.ua ro.ru tut.by ukr.net xmail.ru ya.ru yandex.by yandex.com
        yandex.com.tr yandex.fr yandex.kz yandex.ru yandex.ua yandex.uz

        # China, Hong Kong and Taiwan
        126.com 139.com 163.com 163.net 188.com 189.cn 21cn.com 21cn.net 263.net 263.net.cn aliyun.com china.com chinaren.com
        citiz.net eyou.com foxmail.com giga.net.tw hinet.net hknet.com i-cable.com kimo.com netvigator.com pchome.com.tw qq.com
        seed.net.tw sina.cn sina.com sina.com.cn sogou.com sohu.com tom.com url.com.tw wo.cn xuite.net yam.com yeah.net

        # Japan and Korea
        au.com biglobe.ne.jp chol.com daum.net dion.ne.jp disney.ne.jp docomo.ne.jp dream.jp dreamwiz.com empal.com empas.com
        eonet.ne.jp excite.co.jp ezweb.ne.jp freechal.com goo.jp goo.ne.jp hanafos.com hanmail.net hitel.net home.ne.jp
        i.softbank.jp infoseek.jp inter7.jp kakao.com kcn.jp korea.com livedoor.com lycos.co.kr nate.com naver.com netian.com
        nifty.com ocn.ne.jp paran.com plala.or.jp so-net.ne.jp softbank.ne.jp tiki.ne.jp vodafone.ne.jp willcom.com
        ymobile.ne.jp zaq.ne.jp

        # South and South-East Asia
        airtelmail.in bsnl.in cbn.net.id centrin.net.id chaiyo.com dataone.in eth.net eureka.lk in.com indiatimes.com
        indosat.net.id jaring.my mozcom.com pacific.net.sg plasa.com pldtdsl.net rediffmail.com sancharnet.in sify.com
        singnet.com.sg sltnet.lk starhub.net.sg streamyx.com telkom.net thaimail.com tm.net.my vnn.vn vsnl.com vsnl.net

        # Middle East and Africa
        012.net.il 013.net absamail.co.za africaonline.co.ke barak.net.il batelco.com.bh bezeqint.net chmail.ir cyberia.net.lb
        eim.ae emirates.net.ae gnet.tn iafrica.com lantic.net link.net mail.ir maktoob.com menanet.net menara.ma mweb.co.za
        netvision.net.il omantel.net.om planet.tn polka.co.za qatar.net.qa tedata.net.eg telkomsa.net topnet.tn vodamail.co.za
        walla.co.il walla.com webmail.co.za zahav.net.il

        # Latin America
        adinet.com.uy argentina.com arnet.com.ar bol.com.br brturbo.com.br cantv.net ciudad.com.ar click21.com.br codetel.net.do
        entelchile.net etb.net.co fibertel.com.ar globo.com globomail.com ig.com.br infovia.com.ar itelefonica.com.br
        latinmail.com nauta.cu oi.com.br pop.com.br prodigy.net.mx r7.com racsa.co.cr speedy.com.ar starmedia.com superig.com.br
        terra.cl terra.com terra.com.ar terra.com.br terra.com.co terra.com.mx terra.com.pe une.net.co uol.com.br
        uolsinectis.com.ar veloxmail.com.br vtr.net zipmail.com.br

        # North America
        adelphia.net ameritech.net atlanticbb.net att.net bell.net bellatlantic.net bellsouth.net brighthouse.com cableone.net
        caribsurf.com centurylink.net centurytel.net charter.net cogeco.ca comcast.net consolidated.net coralwave.com cox.net
        earthlink.net eastlink.ca embarqmail.com epix.net erols.com execulink.com flash.net frontier.com frontiernet.net
        fuse.net gci.net gte.net hawaiiantel.net hughes.net insightbb.com knology.net look.ca mchsi.com metrocast.net
        mindspring.com mts.net netcom.com nvbell.net optimum.net optonline.net pacbell.net peoplepc.com primus.ca prodigy.net
        ptd.net q.com qwest.net rcn.com roadrunner.com rogers.com rr.com sasktel.net sbcglobal.net shaw.ca snet.net
        sprintmail.com sprynet.com suddenlink.net swbell.net sympatico.ca tbaytel.net tds.net teksavvy.com telus.net twc.com
        videotron.ca windstream.net wowway.com xplornet.ca xplornet.com zoominternet.net

        # Australia, New Zealand and the Pacific
        aapt.net.au actrix.co.nz adam.com.au bigpond.com bigpond.net bigpond.net.au bluebottle.com canl.nc chariot.net.au
        clear.net.nz dodo.com.au exemail.com.au ihug.co.nz iinet.net.au internode.on.net iprimus.com.au lagoon.nc mail.pf
        netspace.net.au optushome.com.au optusnet.com.au orcon.net.nz ozemail.com.au paradise.net.nz slingshot.co.nz tpg.com.au
        westnet.com.au xtra.co.nz
        """
}
