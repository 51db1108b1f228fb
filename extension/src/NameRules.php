<?php

namespace MediaWiki\Extension\WikiFarm;

use MediaWiki\Languages\LanguageNameUtils;
use Wikimedia\Message\MessageValue;

/**
 * What can be said of a new wiki's names before the service is asked, which has the last word: it alone knows what is
 * taken or reserved.
 */
class NameRules {
	private const LONGEST_NAME = 200;

	private const LONGEST_NAME_IN_BYTES = 255;

	public function __construct( private readonly LanguageNameUtils $languageNameUtils ) {
	}

	/**
	 * @param string $name
	 * @param string $slug
	 * @param string $language
	 * @param string $visibility
	 * @return array{0:string,1:MessageValue}|null Code and words for what is wrong; null for nothing
	 */
	public function findProblem( string $name, string $slug, string $language, string $visibility ): ?array {
		if ( !self::isName( $name ) ) {
			return self::problem( 'invalid_name' );
		}
		if ( !preg_match( '/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/D', $slug ) || substr( $slug, 2, 2 ) === '--' ) {
			return self::problem( 'invalid_slug' );
		}
		$languages = $this->languageNameUtils->getLanguageNames();
		if ( !isset( $languages[$language] ) ) {
			return self::problem( 'unknown_language' );
		}
		if ( $visibility !== 'public' && $visibility !== 'private' ) {
			return self::problem( 'invalid_visibility' );
		}
		return null;
	}

	private static function isName( string $name ): bool {
		return trim( $name ) !== '' &&
			mb_check_encoding( $name, 'UTF-8' ) &&
			mb_strlen( $name ) <= self::LONGEST_NAME &&
			strlen( $name ) <= self::LONGEST_NAME_IN_BYTES &&
			!preg_match( '/[\p{Cc}\p{Zl}\p{Zp}\x{FFFD}<>\[\]{}|#:]/u', $name ) &&
			// What MediaWiki reads as another character, as a signature or as a way to another page.
			!preg_match( '/%[0-9A-Fa-f]{2}|&[A-Za-z0-9\x80-\xff]+;|~~~|^\/|(?:^|\/)\.\.?(?:\/|$)/D', $name );
	}

	/** @return array{0:string,1:MessageValue} */
	private static function problem( string $code ): array {
		return [ $code, new MessageValue( 'wikifarm-error-' . strtr( $code, '_', '-' ) ) ];
	}
}
