using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Encoders.Weights;

/// <summary>
/// Finds NuGet packages where NuGet keeps those that it once fetched; else the .NET SDK fetches them, so the user's feeds, credentials and proxy
/// apply. Nothing is built and nothing of a package runs.
/// </summary>
/// <param name="progress">shows that it waits</param>
/// <param name="program">the program <c>dotnet</c></param>
internal sealed partial class PackageFeed(IProgressSink progress, string program = "dotnet")
{
    // The package itself without what it depends on, and nothing that lies in the folders above but their nuget.config.
    private static string Project(string package, string version) => $"""
        <Project>
          <PropertyGroup>
            <ImportDirectoryBuildProps>false</ImportDirectoryBuildProps>
            <ImportDirectoryBuildTargets>false</ImportDirectoryBuildTargets>
            <ImportDirectoryPackagesProps>false</ImportDirectoryPackagesProps>
            <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
            <NuGetAudit>false</NuGetAudit>
            <TargetFramework>netstandard2.0</TargetFramework>
          </PropertyGroup>
          <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
          <ItemGroup>
            <PackageDownload Include="{package}" Version="[{version}]" />
          </ItemGroup>
          <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
        </Project>
        """;

    /// <summary>The .nupkg of a package, which may be fetched into <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidInputException">There is no SDK, or no feed has the package.</exception>
    public async Task<string> FindAsync(string package, string version, string folder, CancellationToken cancellation)
    {
        if (In(CacheFolder, package, version) is { } there) return there;
        if (In(folder, package, version) is { } before) return before;
        folder = Directory.CreateDirectory(folder).FullName;
        var file = Path.Combine(folder, "package.csproj");
        FileSystem.WriteAtomically(file, stream => stream.Write(Encoding.UTF8.GetBytes(Project(package, version))));
        using var task = progress.Start($"fetch package {package} {version}", null);
        var (code, output) = await RunAsync(["restore", file, "--packages", folder, "--verbosity", "quiet", "-nodeReuse:false", "-noAutoResponse"], folder, package, version, cancellation);
        if (In(folder, package, version) is not { } fetched)
            throw new InvalidInputException($"{package} {version}: 'dotnet restore' ended with {code} and without the package; add a feed that has it to your nuget.config, or {Otherwise(package, version)}:{Environment.NewLine}{output}");
        task.Advance(new FileInfo(fetched).Length);
        return fetched;
    }

    private static string CacheFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // NuGet writes names in lower case.
    private static string? In(string folder, string package, string version)
    {
        var (name, number) = (package.ToLowerInvariant(), version.ToLowerInvariant());
        var file = Path.Combine(folder, name, number, $"{name}.{number}.nupkg");
        return File.Exists(file) ? file : null;
    }

    private async Task<(int Code, string Output)> RunAsync(string[] arguments, string folder, string package, string version, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            await using var kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, UserInfo().Replace(string.Concat(output).Replace($"{arguments[1]} : ", "", StringComparison.Ordinal).Trim(), "://"));
        }
        catch (Win32Exception e)
        {
            throw new InvalidInputException($"{package} {version}: '{program}', which fetches packages, cannot be started; install the .NET SDK, or {Otherwise(package, version)}", e);
        }
    }

    private static string Otherwise(string package, string version) => $"fetch {package.ToLowerInvariant()}.{version}.nupkg elsewhere and name it with --weights";

    // A feed's address may hold a password.
    [GeneratedRegex("://[^/@ ]+@")]
    private static partial Regex UserInfo();
}
