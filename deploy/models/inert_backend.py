"""A build backend that builds nothing.

`pip download` asks a source archive's own setup.py for its metadata, which would run foreign code
and needs a setuptools old enough for it. setup puts this file in pip's way as
`setuptools.build_meta`, in the private environment that it throws away: pip gets a name and a
version, having checked the archive's sha256 first.
"""
import os


class _Legacy:
    """What pip calls `setuptools.build_meta:__legacy__` for archives without pyproject.toml."""

    @staticmethod
    def prepare_metadata_for_build_wheel(directory, config_settings=None):
        with open("PKG-INFO", encoding="utf-8") as lines:
            fields = dict(line.strip().split(": ", 1) for line in lines
                          if line.startswith(("Name: ", "Version: ")))
        name = f"{fields['Name'].replace('-', '_')}-{fields['Version']}.dist-info"
        os.mkdir(os.path.join(directory, name))
        with open(os.path.join(directory, name, "METADATA"), "w", encoding="utf-8") as out:
            out.write(f"Metadata-Version: 2.1\nName: {fields['Name']}\nVersion: {fields['Version']}\n")
        return name


__legacy__ = _Legacy()
