namespace LmmRec.Artifacts.Configuration;

/// <summary>Of a list: where it holds one value, that may stand without brackets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOrMoreAttribute : Attribute;
