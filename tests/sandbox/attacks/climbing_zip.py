"""The result is an archive whose names climb out of the folder it is unpacked into."""

# expect: held
import zipfile

with zipfile.ZipFile("/output/result.zip", "w") as archive:
    archive.writestr("../../../../tmp/spadework-climbed", "x")
    archive.writestr("/tmp/spadework-climbed", "x")
