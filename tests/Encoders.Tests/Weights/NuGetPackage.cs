using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace LmmRec.Encoders.Tests.Weights;

/// <summary>A small NuGet package of our own making.</summary>
internal static class NuGetPackage
{
    public const string Name = "Lmmrec.Tests.Weights", Version = "1.2.3";

    /// <summary>Writes the package into a folder.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string folder, params (string Entry, byte[] Content)[] entries)
    {
        var path = Path.Combine(folder, $"{Name}.{Version}.nupkg");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        var about = System.Text.Encoding.UTF8.GetBytes($"<package><metadata><id>{Name}</id><version>{Version}</version><authors>tests</authors><description>weights</description></metadata></package>");
        foreach (var (entry, content) in entries.Prepend(($"{Name}.nuspec", about)))
        {
            using var stream = zip.CreateEntry(entry).Open();
            stream.Write(content);
        }
        return path;
    }

    /// <summary>A .NET library of nothing but one resource.</summary>
    public static byte[] Library(string resource, byte[] content)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString("Weights.dll"), metadata.GetOrAddGuid(new Guid(1, 2, 3, new byte[8])), default, default);
        metadata.AddAssembly(metadata.GetOrAddString("Weights"), new Version(1, 0), default, default, 0, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        metadata.AddManifestResource(ManifestResourceAttributes.Public, metadata.GetOrAddString(resource), default, 0);
        var resources = new BlobBuilder();
        resources.WriteInt32(content.Length);
        resources.WriteBytes(content);
        var library = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder(), managedResources: resources).Serialize(library);
        return library.ToArray();
    }
}
