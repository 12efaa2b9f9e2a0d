using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace LmmRec.Artifacts.Configuration;

/// <summary>
/// The JSON Schema (draft 2020-12) of an options record: what <see cref="ConfigurationBinder"/> takes of keys, types, ranges and names. Rules across properties,
/// <see cref="IChecked"/>, are not in it: what it refuses the binder refuses, too, and not the other way round.
/// </summary>
public static class ConfigurationSchema
{
    /// <summary>The schema of the record <paramref name="type"/>.</summary>
    /// <param name="type">has a constructor without parameters, whose values are the defaults</param>
    /// <param name="describe">what is said of a type, a property or a value of an enum; null: nothing</param>
    public static JsonObject Of(Type type, Func<MemberInfo, string?> describe) => (JsonObject)ConfigurationBinder.Json.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, node) => Complete((JsonObject)node, context.TypeInfo, describe),
    });

    /// <summary>A value that <paramref name="schema"/> allows, or a list of such.</summary>
    public static JsonObject OneOrMore(JsonObject schema)
    {
        var (value, both) = ((JsonObject)schema.DeepClone(), new JsonObject());
        foreach (var key in new[] { "description", "default" }.Where(value.ContainsKey)) // said of the key, not of either form
        {
            both[key] = value[key]?.DeepClone();
            value.Remove(key);
        }
        both["anyOf"] = new JsonArray(value, new JsonObject { ["type"] = "array", ["items"] = value.DeepClone(), ["minItems"] = 1 });
        return both;
    }

    private static JsonObject Complete(JsonObject schema, JsonTypeInfo info, Func<MemberInfo, string?> describe)
    {
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        if (type == typeof(int)) Bound(schema, new RangeAttribute(int.MinValue, int.MaxValue));
        if (type.IsEnum && Enum.GetNames(type).Select(name => describe(type.GetField(name)!)).ToList() is var values && values.TrueForAll(value => value is not null))
            schema["enumDescriptions"] = new JsonArray([.. values]); // editors show them beside the values
        if (schema["properties"] is not JsonObject all) return schema; // a value, a list, or an object of any keys

        var (properties, defaults) = (ConfigurationBinder.PropertiesOf(type), ConfigurationBinder.ToJson(Activator.CreateInstance(type)!));
        foreach (var name in all.Select(property => property.Key).Where(name => !properties.ContainsKey(name)).ToList()) all.Remove(name);
        foreach (var (name, property) in properties) all[name] = Describe(Ruled((JsonObject)all[name]!.DeepClone(), property), property, defaults[name], describe);
        if (properties.Where(property => property.Value.GetCustomAttribute<RequiredAttribute>() is not null).Select(property => (JsonNode?)property.Key).ToArray() is { Length: > 0 } required)
            schema["required"] = new JsonArray(required);
        return schema;
    }

    private static JsonObject Ruled(JsonObject schema, PropertyInfo property)
    {
        var isList = ConfigurationBinder.ElementType(property.PropertyType) is not null;
        var value = isList ? (JsonObject)schema["items"]! : schema; // a rule for one value holds for every element of a list
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            switch (rule)
            {
                case RangeAttribute range:
                    Bound(value, range);
                    break;
                case MinLengthAttribute length:
                    schema[isList ? "minItems" : "minLength"] = length.Length;
                    break;
                case AllowedValuesAttribute allowed:
                    value["enum"] = JsonSerializer.SerializeToNode(allowed.Values);
                    break;
                case RegularExpressionAttribute expression:
                    value["pattern"] = expression.Pattern;
                    break;
                case RequiredAttribute: // is the object's
                    break;
                default:
                    throw new NotSupportedException($"{property.DeclaringType!.Name}.{property.Name}: {rule.GetType().Name} has no form in a schema yet");
            }
        }
        return property.GetCustomAttribute<OneOrMoreAttribute>() is null ? schema : new JsonObject { ["anyOf"] = new JsonArray(value.DeepClone(), schema) };
    }

    private static JsonObject Describe(JsonObject schema, PropertyInfo property, JsonNode? byDefault, Func<MemberInfo, string?> describe)
    {
        var text = describe(property) ?? (ConfigurationBinder.IsSection(property.PropertyType) ? describe(property.PropertyType) : null);
        if (text is not null) schema.Insert(0, "description", text);
        if (byDefault is JsonValue or JsonArray && property.GetCustomAttribute<RequiredAttribute>() is null) schema["default"] = byDefault.DeepClone();
        return schema;
    }

    private static void Bound(JsonObject schema, RangeAttribute range)
    {
        schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = JsonSerializer.SerializeToNode(range.Minimum);
        schema[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = JsonSerializer.SerializeToNode(range.Maximum);
    }
}
