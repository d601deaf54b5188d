"""The flows of compreface-sdk's own examples, with that package as it is on PyPI, against a hub that serves.

They call what its examples call, one after the other, and hold the answers against what its documentation says of them.
"""

import pathlib

from compreface import CompreFace
from compreface.collections import FaceCollection, Subjects
from compreface.service import DetectionService, RecognitionService, VerificationService

ALL = {"limit": 0, "det_prob_threshold": 0.8, "prediction_count": 1, "face_plugins": "calculator,age,gender,landmarks", "status": "true"}


class Flows:
    def __init__(self, domain, port, key, pictures):
        client = CompreFace(domain, port)
        self.recognition: RecognitionService = client.init_face_recognition(key)
        self.detection: DetectionService = client.init_face_detection(key)
        self.verification: VerificationService = client.init_face_verification(key)
        self.faces: FaceCollection = self.recognition.get_face_collection()
        self.subjects: Subjects = self.recognition.get_subjects()
        self.pictures = pathlib.Path(pictures)
        self.done = 0

    def picture(self, name):
        return str(self.pictures / name)

    def holds(self, condition, what, answer):
        if not condition:
            raise SystemExit(f"{what}: {answer}")
        self.done += 1

    def equal(self, answer, wanted, what):
        self.holds(answer == wanted, f"{what}: wanted {wanted}", answer)

    def refused(self, answer, code, what):
        self.holds(answer.get("code") == code and set(answer) == {"message", "code"}, f"{what}: wanted code {code}", answer)

    def run(self):
        self.subjects_alone()
        self.recognise()
        self.verify_stored()
        self.detect()
        self.verify_two()
        self.erase()

    def subjects_alone(self):
        """add_subject.py, get_list_of_all_subjects.py, update_existing_subject.py, delete_subject_by_name.py"""
        self.equal(self.subjects.list(), {"subjects": []}, "no subjects yet")
        self.refused(self.subjects.delete("Nobody"), 42, "a subject that is not there")
        self.equal(self.subjects.add("Test Subject"), {"subject": "Test Subject"}, "add a subject")
        self.refused(self.subjects.add("Test Subject"), 43, "add a subject twice")
        self.equal(self.subjects.update("Test Subject", "Updated Subject"), {"updated": True}, "rename")
        self.equal(self.subjects.list(), {"subjects": ["Updated Subject"]}, "the new name")
        self.refused(self.subjects.update("Test Subject", "Other"), 42, "rename what is not there")
        self.equal(self.subjects.delete("Updated Subject"), {"subject": "Updated Subject"}, "delete a subject")
        self.equal(self.subjects.list(), {"subjects": []}, "no subjects again")

    def recognise(self):
        """add_example_of_a_subject.py, recognize_face_from_image.py; a local path, then bytes"""
        empty = self.recognition.recognize(self.picture("biden.jpg"), {"limit": 0})
        self.equal([one["subjects"] for one in empty["result"]], [[]], "an empty collection has no subject for anybody")
        added = self.faces.add(self.picture("obama.jpg"), "Barack Obama", {"det_prob_threshold": 0.8})
        self.holds(added.get("subject") == "Barack Obama" and len(added["image_id"]) == 36, "add an example", added)
        self.equal(self.faces.add(self.picture("obama.jpg"), "Barack Obama"), added, "the same example again")
        self.refused(self.faces.add(self.picture("chelsea.png"), "Chelsea"), 28, "a picture without a face")
        for image in (self.picture("obama2.jpg"), pathlib.Path(self.picture("obama2.jpg")).read_bytes()):
            answer = self.recognition.recognize(image, ALL)
            self.holds(len(answer["result"]) == 1, "one face", answer)
            face = answer["result"][0]
            self.equal([one["subject"] for one in face["subjects"]], ["Barack Obama"], "who it is")
            self.holds(0.5 <= face["subjects"][0]["similarity"] <= 1, "similar enough", face)
            self.holds(face["box"]["probability"] >= 0.8 and face["box"]["x_min"] < face["box"]["x_max"], "where it is", face)
            self.holds(len(face["landmarks"]) == 5, "landmarks", face)
            self.holds("embedding" not in face, "no embedding without the scope", sorted(face))
            self.holds({"detector", "calculator"} == set(answer["plugins_versions"]) == set(face["execution_time"]), "status", answer)
        stranger = self.recognition.recognize(self.picture("biden.jpg"), {"limit": 0, "det_prob_threshold": 0.8, "prediction_count": 1, "status": "true"})
        self.holds(0 <= stranger["result"][0]["subjects"][0]["similarity"] < 0.5, "a stranger's best subject is told, below the decision point", stranger)
        self.refused(self.recognition.recognize(self.picture("chelsea.png"), {"limit": 0}), 28, "nobody in the picture")

    def verify_stored(self):
        """verification_face_from_image.py, get_list_of_all_subjects.py of the collection"""
        listed = self.faces.list()
        self.holds({"faces", "page_number", "page_size", "total_pages", "total_elements"} == set(listed), "a page of examples", listed)
        face = next(item for item in listed.get("faces") if item["subject"] == "Barack Obama")
        options = {"limit": 0, "det_prob_threshold": 0.8, "prediction_count": 1, "status": "true"}
        own = self.faces.verify(self.picture("obama2.jpg"), face["image_id"], options)
        self.holds(own["result"][0]["similarity"] >= 0.5, "the same person", own)
        other = self.faces.verify(self.picture("biden.jpg"), face["image_id"], options)
        self.holds(other["result"][0]["similarity"] < 0.5, "another person", other)
        self.refused(self.faces.verify(self.picture("biden.jpg"), "00000000-0000-7000-8000-000000000000", options), 11, "an example that is not there")

    def detect(self):
        """detect_face_from_image.py"""
        answer = self.detection.detect(self.picture("astronaut.png"), {"limit": 0, "det_prob_threshold": 0.8, "face_plugins": "landmarks", "status": "true"})
        self.holds(answer["result"][0]["box"]["probability"] >= 0.8 and len(answer["result"][0]["landmarks"]) == 5, "a face and its landmarks", answer)
        self.refused(self.detection.detect(self.picture("chelsea.png"), {"limit": 0}), 28, "no face")

    def verify_two(self):
        """verify_face_from_image.py"""
        options = {"limit": 0, "det_prob_threshold": 0.8, "face_plugins": "landmarks", "status": "true"}
        own = self.verification.verify(self.picture("obama.jpg"), self.picture("obama2.jpg"), options)["result"][0]
        self.holds({"source_image_face", "face_matches", "plugins_versions"} == set(own), "the shape of a verification", own)
        self.holds(own["face_matches"][0]["similarity"] >= 0.5, "the same person", own)
        other = self.verification.verify(self.picture("obama.jpg"), self.picture("biden.jpg"), options)["result"][0]
        self.holds(other["face_matches"][0]["similarity"] < 0.5, "another person", other)

    def erase(self):
        """update_existing_subject.py onto another subject, delete_example_by_id.py, delete_all_examples_of_subject.py, delete_all_subjects.py"""
        self.faces.add(self.picture("biden.jpg"), "Joe Biden")
        self.equal(self.subjects.update("Joe Biden", "Barack Obama"), {"updated": True}, "renamed onto another")
        self.equal(self.subjects.list(), {"subjects": ["Barack Obama"]}, "merged")
        faces = self.faces.list().get("faces")
        self.equal([one["subject"] for one in faces], ["Barack Obama"] * 2, "both examples are one subject's")
        merged = self.recognition.recognize(self.picture("biden.jpg"), {"limit": 1})
        self.holds(merged["result"][0]["subjects"][0]["similarity"] >= 0.5, "found by the example that came along", merged)
        last = faces[len(faces) - 1]
        self.equal(self.faces.delete(last.get("image_id")), last, "delete an example")
        self.refused(self.faces.delete(last.get("image_id")), 11, "delete it again")
        self.equal(self.faces.delete_all("Barack Obama"), {"deleted": 1}, "delete all examples of a subject")
        self.equal(self.faces.list()["faces"], [], "no examples left")
        self.equal(self.subjects.list(), {"subjects": ["Barack Obama"]}, "the subject stays")
        self.equal(self.subjects.delete_all(), {"deleted": 1}, "delete all subjects")
        self.equal(self.subjects.list(), {"subjects": []}, "nobody")

